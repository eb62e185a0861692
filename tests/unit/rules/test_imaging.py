from collections.abc import Sequence
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from mdt.rules.imaging import DicomHeader, Triple, group_and_sort, slice_gaps, sort_slices

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
SAGITTAL = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)


def header(
    uid: int,
    position: Triple | None = None,
    number: int | None = None,
    orientation: tuple[float, float, float, float, float, float] | None = AXIAL,
    **more: object,
) -> DicomHeader:
    fields: dict[str, object] = {
        "sop_class_uid": "1.2.840.10008.5.1.4.1.1.2",
        "sop_instance_uid": f"2.25.{uid}",
        "study_uid": "2.25.7",
        "series_uid": "2.25.8",
        "transfer_syntax_uid": "1.2.840.10008.1.2.1",
        "image_position": position,
        "image_orientation": orientation,
        "instance_number": number,
        "rows": 4,
        "columns": 4,
        **more,
    }
    return DicomHeader(**fields)  # type: ignore[arg-type]


def order(headers: Sequence[DicomHeader]) -> list[int]:
    return [int(found.sop_instance_uid.removeprefix("2.25.")) for found in headers]


def test_slices_stand_by_position_from_the_end_that_was_numbered_first() -> None:
    down = [header(n, (0, 0, -5.0 * n), n) for n in (3, 1, 2)]
    up = [header(n, (0, 0, 5.0 * n), n) for n in (3, 1, 2)]
    assert order(sort_slices(down)) == [1, 2, 3]
    assert order(sort_slices(up)) == [1, 2, 3]


def test_position_wins_over_wrong_numbers() -> None:
    mixed = [header(1, (0, 0, 0), 1), header(2, (0, 0, -10), 2), header(3, (0, 0, -5), 9)]
    assert order(sort_slices(mixed)) == [1, 3, 2]


def test_position_is_measured_along_the_normal_of_tilted_slices() -> None:
    # Sagittal: x alone tells the place, whatever the other coordinates say.
    slices = [header(n, (2.0 * n, -7.0 * n, 30.0 - n), n, orientation=SAGITTAL) for n in (2, 3, 1)]
    assert order(sort_slices(slices)) == [1, 2, 3]
    assert slice_gaps(sort_slices(slices)) == (2.0, 2.0)


def test_repeated_positions_go_by_number() -> None:
    repeated = [header(4, (0, 0, -5), 4), header(2, (0, 0, 0), 2), header(3, (0, 0, 0), 3)]
    assert order(sort_slices(repeated)) == [2, 3, 4]


def test_mixed_planes_and_missing_positions_go_by_number() -> None:
    planes = [header(2, (0, 0, 9), 2), header(1, (0, 0, 1), 1, orientation=SAGITTAL)]
    missing = [header(2, None, 2), header(1, (0, 0, 1), 1), header(3, None, None)]
    assert order(sort_slices(planes)) == [1, 2]
    assert order(sort_slices(missing)) == [1, 2, 3]
    assert slice_gaps(missing) == ()


def test_series_are_grouped_and_ordered_by_date_and_number() -> None:
    headers = [
        header(1, None, 1, series_uid="2.25.30", series_number=3, study_date=date(2026, 2, 1)),
        header(2, None, 1, series_uid="2.25.10", series_number=1, study_date=date(2026, 2, 1)),
        header(3, None, 2, series_uid="2.25.30", series_number=3, study_date=date(2026, 2, 1)),
        header(4, None, 1, series_uid="2.25.5", study_uid="2.25.4", study_date=date(2025, 1, 1)),
    ]
    assert [(series.series_uid, order(series.headers)) for series in group_and_sort(headers)] == [
        ("2.25.5", [4]),
        ("2.25.10", [2]),
        ("2.25.30", [1, 3]),
    ]


def test_instance_that_came_twice_is_kept_once() -> None:
    [series] = group_and_sort([header(1, (0, 0, 1), 1), header(1, (0, 0, 9), 5)])
    assert series.headers == (header(1, (0, 0, 1), 1),)


def test_frames_count_pictures_and_not_reports() -> None:
    [series] = group_and_sort([header(1, frames=10), header(2), header(3, rows=0)])
    assert series.frames == 11


@given(
    st.lists(
        st.tuples(
            st.one_of(st.none(), st.integers(-50, 50)),
            st.one_of(st.none(), st.integers(0, 40)),
            st.sampled_from([AXIAL, SAGITTAL, None]),
        ),
        max_size=12,
    ),
    st.randoms(use_true_random=False),
)
def test_order_does_not_depend_on_the_order_of_arrival(
    rows: list[tuple[int | None, int | None, tuple[float, ...] | None]], random: object
) -> None:
    headers = [
        header(n, None if z is None else (1.0, 2.0, float(z)), number, orientation)  # type: ignore[arg-type]
        for n, (z, number, orientation) in enumerate(rows)
    ]
    shuffled = list(headers)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert sort_slices(shuffled) == sort_slices(headers)
    assert sorted(order(sort_slices(headers))) == list(range(len(headers)))
