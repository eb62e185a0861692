// The live room: the looks of the stage; connection, state and render stand beside this file.
import '../styles/viewer.css';
import '../styles/room.css';
