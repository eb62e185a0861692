"""The order in which stored slices are paged through."""

from hypothesis import given
from hypothesis import strategies as st

from mdt.rules.image_order import StoredSlice, first_pictures, position_along, sort_stored
from mdt.rules.imaging import DicomHeader, sort_slices

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
SAGITTAL = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)


def header(number, place, orientation=AXIAL):
    return DicomHeader(
        "1", f"2.25.{number}", "3", "4", "5",
        instance_number=number, image_position=place, image_orientation=orientation,
    )  # fmt: skip


def stored(headers, orientation=AXIAL):
    return [
        StoredSlice(
            place,
            one.sop_instance_uid,
            one.instance_number,
            position_along(one, orientation),
            one.frames,
        )
        for place, one in enumerate(headers)
    ]


def test_position_is_measured_along_the_normal():
    assert position_along(header(1, (7.0, 9.0, -12.345)), AXIAL) == -12.35
    assert position_along(header(1, (7.0, 9.0, 3.0), SAGITTAL), SAGITTAL) == -7.0


def test_a_slice_of_another_plane_has_no_position():
    assert position_along(header(1, (0.0, 0.0, 0.0), SAGITTAL), AXIAL) is None
    assert position_along(header(1, None), AXIAL) is None
    assert position_along(header(1, (0.0, 0.0, 0.0)), None) is None


@given(st.permutations(range(1, 12)), st.booleans())
def test_the_end_numbered_first_comes_first_however_they_arrive(numbers, falling):
    sign = -1 if falling else 1
    found = sort_stored(stored([header(n, (0.0, 0.0, sign * 5.0 * n)) for n in numbers]))
    assert [one.number for one in found] == list(range(1, 12))


@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.integers(-9, 9), st.sampled_from((AXIAL, SAGITTAL))),
        max_size=8,
        unique_by=lambda one: one[0],
    )
)
def test_it_is_the_order_of_headers(slices):
    headers = [header(n, (0.0, 0.0, float(z)), plane) for n, z, plane in slices]
    reference = headers[0].image_orientation if headers else None
    found = [one.sop_uid for one in sort_stored(stored(headers, reference))]
    assert found == [one.sop_instance_uid for one in sort_slices(headers)]


def test_pictures_are_counted_through_clips_and_reports():
    slices = [
        StoredSlice(10, "a", 2, None, 3),
        StoredSlice(11, "b", 1, None, 1),
        StoredSlice(12, "c", 3, None, 0),
        StoredSlice(13, "d", None, None, 1),
    ]
    assert first_pictures(slices) == {11: 0, 10: 1, 13: 4, 12: None}
