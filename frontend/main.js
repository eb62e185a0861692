// Every page: the looks and the behaviours that any page may ask for by a data attribute.
import 'bootstrap/dist/css/bootstrap.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/layout.css';
import './styles/forms.css';
