"""Small DICOM files made for one test each."""

import io
from datetime import date
from pathlib import Path

import numpy as np
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.filewriter import dcmwrite
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, RLELossless

BIRTH = date(1960, 2, 29)


def dataset(**attributes: object) -> Dataset:
    """A CT slice of 4 x 4 pixels with values 0 to 15; ``attributes`` replace or add."""
    made = Dataset()
    made.SOPClassUID = CTImageStorage
    made.SOPInstanceUID = "2.25.1003"
    made.StudyInstanceUID = "2.25.1001"
    made.SeriesInstanceUID = "2.25.1002"
    made.Modality = "CT"
    made.Rows = made.Columns = 4
    made.SamplesPerPixel = 1
    made.PhotometricInterpretation = "MONOCHROME2"
    made.BitsAllocated, made.BitsStored, made.HighBit = 16, 16, 15
    made.PixelRepresentation = 0
    made.PixelData = np.arange(16, dtype="<u2").tobytes()
    for name, value in attributes.items():
        setattr(made, name, value)
    made["PixelData"].VR = "OW"
    return made


def file_of(made: Dataset, syntax: str = ExplicitVRLittleEndian) -> bytes:
    """The bytes of a DICOM file."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = made.SOPClassUID
    meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
    meta.TransferSyntaxUID = syntax
    made.file_meta = meta
    stream = io.BytesIO()
    dcmwrite(stream, made, enforce_file_format=True)
    return stream.getvalue()


def dicom(**attributes: object) -> bytes:
    """The bytes of a CT slice (see `dataset`)."""
    return file_of(dataset(**attributes))


def nested(depth: int) -> bytes:
    """A slice with sequences within sequences, written by hand: the library takes for ever."""
    begin = b"\x40\x00\x30\xa7SQ\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"
    end = b"\xfe\xff\x0d\xe0\0\0\0\0\xfe\xff\xdd\xe0\0\0\0\0"
    whole = dicom()
    pixels = whole.index(b"\xe0\x7f\x10\x00")
    return whole[:pixels] + begin * depth + end * depth + whole[pixels:]


def run_length_zeros(rows: int, columns: int) -> bytes:
    """A black picture of any size in a few kilobytes (RLE: 128 zeros in two bytes)."""
    plane = b"\x81\x00" * (rows * columns // 128)
    header = np.array([2, 64, 64 + len(plane)] + [0] * 13, "<u4").tobytes()
    made = dataset(Rows=rows, Columns=columns)
    made.PixelData = encapsulate([header + plane + plane])
    made["PixelData"].is_undefined_length = True
    return file_of(made, RLELossless)


def bytes_of(name: str) -> bytes:
    """A file of pydicom's own."""
    path = get_testdata_file(name, download=False)
    assert isinstance(path, str)
    return Path(path).read_bytes()
