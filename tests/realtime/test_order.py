"""Many threads speak at once: events leave in the order of their numbers."""

import threading

import pytest

THREADS, EACH = 6, 8


@pytest.mark.parametrize("names", [("chair", "oncologist", "radiologist") * 2])
def test_events_leave_in_the_order_of_their_numbers(sit, board, names):
    listener = sit("clinician")
    speakers = [sit(name) for name in names]
    answers: list[int] = []

    def speak(seat, number):
        for turn in range(EACH):
            answer = seat.act(
                "say", text=f"{number}-{turn}", key=f"{number}-{turn}", item=board.items["A"]
            )
            answers.append(answer["seq"])

    threads = [
        threading.Thread(target=speak, args=pair)
        for pair in zip(speakers, range(THREADS), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    everything = list(range(1, THREADS * EACH + 1))
    assert sorted(answers) == everything
    assert [e["seq"] for e in listener.heard()] == everything
