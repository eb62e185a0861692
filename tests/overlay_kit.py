"""A CT of 16 x 16 pixels and objects that draw over it, made for one test each."""

from typing import Any

import numpy as np
from pydicom.dataset import Dataset

from tests.attachment_kit import ct
from tests.unit.adapters.dicom_files import dataset, file_of

SIDE = 16
#: Mm from row to row, and from column to column.
SPACING = [0.5, 0.8]
SEG = "1.2.840.10008.5.1.4.1.1.66.4"
RTSTRUCT = "1.2.840.10008.5.1.4.1.1.481.3"
GSPS = "1.2.840.10008.5.1.4.1.1.11.1"
RTDOSE = "1.2.840.10008.5.1.4.1.1.481.2"
CT_UIDS = ["2.25.10000001", "2.25.10000002"]


def slices(count: int = 2, **attributes: Any) -> list[tuple[str, bytes]]:
    """Slices at z = 495, 490, ... whose first pixel is at 0, 0 (mm)."""
    pixels = np.arange(SIDE * SIDE, dtype="<u2").tobytes()
    size = {"Rows": SIDE, "Columns": SIDE, "PixelSpacing": SPACING, "PixelData": pixels}
    return ct(count, **{**size, "FrameOfReferenceUID": "2.25.5", **attributes})


def item(**attributes: Any) -> Dataset:
    """An item of a sequence."""
    made = Dataset()
    for name, value in attributes.items():
        setattr(made, name, value)
    return made


def derived(sop_class: str, modality: str, series: str, **attributes: Any) -> Dataset:
    """An object in the study of `slices`."""
    made = dataset(
        SOPClassUID=sop_class,
        Modality=modality,
        SOPInstanceUID=f"{series}.1",
        SeriesInstanceUID=series,
        StudyDate="20261105",
        PatientName="张三丰",
        SpecificCharacterSet="ISO_IR 192",
    )
    if "PixelData" not in attributes:
        for name in ("PixelData", "Rows", "Columns"):
            delattr(made, name)
    for name, value in attributes.items():
        setattr(made, name, value)
    return made


def reference(uid: str) -> Dataset:
    return item(ReferencedSOPClassUID="1.2.840.10008.5.1.4.1.1.2", ReferencedSOPInstanceUID=uid)


def segmentation(**attributes: Any) -> bytes:
    """Two segments on the first slice: 4 x 2 pixels (columns 4-7, rows 6-7), and one pixel."""
    masks = np.zeros((2, SIDE, SIDE), dtype=bool)
    masks[0, 6:8, 4:8] = True
    masks[1, 1, 2] = True
    frames = [
        item(
            SegmentIdentificationSequence=[item(ReferencedSegmentNumber=number)],
            PlanePositionSequence=[item(ImagePositionPatient=[0, 0, 495])],
            DerivationImageSequence=[item(SourceImageSequence=[reference(CT_UIDS[0])])],
        )
        for number in (1, 2)
    ]
    made = derived(
        SEG,
        "SEG",
        "2.25.81",
        Rows=SIDE,
        Columns=SIDE,
        NumberOfFrames=2,
        BitsAllocated=1,
        BitsStored=1,
        HighBit=0,
        SegmentationType="BINARY",
        FrameOfReferenceUID="2.25.5",
        SegmentSequence=[
            item(
                SegmentNumber=1,
                SegmentLabel="Liver",
                RecommendedDisplayCIELabValue=[0xFFFF, 0x8080, 0x8080],
            ),
            item(SegmentNumber=2, SegmentLabel="王小明"),
        ],
        SharedFunctionalGroupsSequence=[
            item(
                PixelMeasuresSequence=[item(PixelSpacing=SPACING)],
                PlaneOrientationSequence=[item(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])],
            )
        ],
        PerFrameFunctionalGroupsSequence=frames,
        PixelData=np.packbits(masks.ravel(), bitorder="little").tobytes(),
        **attributes,
    )
    made["PixelData"].VR = "OB"
    return file_of(made)


def structure_set(**attributes: Any) -> bytes:
    """A triangle that names the second slice, and a line that lies where no slice is."""
    return file_of(
        derived(
            RTSTRUCT,
            "RTSTRUCT",
            "2.25.82",
            StructureSetROISequence=[
                item(ROINumber=7, ROIName="Heart"),
                item(ROINumber=8, ROIName="李四"),
            ],
            ROIContourSequence=[
                item(
                    ReferencedROINumber=7,
                    ROIDisplayColor=[255, 16, 0],
                    ContourSequence=[
                        item(
                            ContourGeometricType="CLOSED_PLANAR",
                            ContourImageSequence=[reference(CT_UIDS[1])],
                            ContourData=[0.8, 0.5, 490, 4, 0.5, 490, 0.8, 3, 490],
                        )
                    ],
                ),
                item(
                    ReferencedROINumber=8,
                    ContourSequence=[
                        item(ContourGeometricType="OPEN_PLANAR", ContourData=[0, 0, 300, 4, 4, 300])
                    ],
                ),
            ],
            **attributes,
        )
    )


def presentation_state(**attributes: Any) -> bytes:
    """A circle, a line by shares of what is displayed, and a text, on the first slice."""
    return file_of(
        derived(
            GSPS,
            "PR",
            "2.25.83",
            ReferencedSeriesSequence=[
                item(SeriesInstanceUID="2.25.1", ReferencedImageSequence=[reference(CT_UIDS[0])])
            ],
            GraphicAnnotationSequence=[
                item(
                    ReferencedImageSequence=[reference(CT_UIDS[0])],
                    GraphicLayer="A",
                    GraphicObjectSequence=[
                        item(
                            GraphicAnnotationUnits="PIXEL",
                            GraphicDimensions=2,
                            NumberOfGraphicPoints=2,
                            GraphicData=[8, 8, 12, 8],
                            GraphicType="CIRCLE",
                            GraphicFilled="N",
                        ),
                        item(
                            GraphicAnnotationUnits="DISPLAY",
                            GraphicDimensions=2,
                            NumberOfGraphicPoints=2,
                            GraphicData=[0, 0, 1, 1],
                            GraphicType="POLYLINE",
                            GraphicFilled="N",
                        ),
                    ],
                    TextObjectSequence=[
                        item(
                            UnformattedTextValue="Liver 王小明",
                            AnchorPointAnnotationUnits="PIXEL",
                            AnchorPoint=[3, 4],
                            AnchorPointVisibility="Y",
                        )
                    ],
                )
            ],
            DisplayedAreaSelectionSequence=[
                item(
                    DisplayedAreaTopLeftHandCorner=[5, 5],
                    DisplayedAreaBottomRightHandCorner=[12, 12],
                )
            ],
            SoftcopyVOILUTSequence=[item(WindowCenter="40", WindowWidth="400")],
            **attributes,
        )
    )


def dose() -> bytes:
    """A distribution of dose: nothing that is drawn here."""
    return file_of(derived(RTDOSE, "RTDOSE", "2.25.84"))
