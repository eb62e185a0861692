"""Tumours of the invented register: how often, whom, which stages, which first treatments."""

from dataclasses import dataclass

Stage = tuple[str, str, str]


@dataclass(frozen=True)
class Site:
    """One kind of tumour.

    ``weight``: of a thousand. ``men``: their share. ``early`` and ``late`` are T, N and M below and
    from stage III, or with ``groups`` such groups; ``advanced``: the share of ``late``.
    """

    weight: int
    codes: tuple[str, ...]
    morphology: str
    men: float
    ages: tuple[int, int]
    advanced: float
    system: str = "TNM"
    edition: str = "8"
    table: str = ""
    early: tuple[Stage, ...] = ()
    late: tuple[Stage, ...] = ()
    groups: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    treatments: tuple[tuple[str, ...], tuple[str, ...]] = (("surgery",), ("chemotherapy",))
    gene_test: float = 0.0
    sides: tuple[str, ...] = ()
    basis: str = "7"


SITES = (
    Site(170, ("C34.1", "C34.3", "C34.1", "C34.9"), "8140/3", 0.6, (48, 80), 0.58,
         edition="9", table="lung_nsclc_9",
         early=(("T1b", "N0", "M0"), ("T2a", "N0", "M0"), ("T1c", "N1", "M0")),
         late=(("T2b", "N2a", "M0"), ("T3", "N2b", "M0"), ("T4", "N2a", "M0"), ("T2a", "N3", "M0"),
               ("T1c", "N0", "M1a"), ("T3", "N2b", "M1c1")),
         treatments=(("surgery",), ("targeted", "chemotherapy", "immunotherapy")),
         gene_test=0.75, sides=("1", "2")),
    Site(35, ("C34.3", "C34.1"), "8140/3", 0.6, (50, 78), 0.6,
         table="lung_nsclc_8", early=(("T1c", "N0", "M0"),), late=(("T2a", "N2", "M0"),),
         treatments=(("surgery",), ("chemotherapy", "targeted")), gene_test=0.6, sides=("1", "2")),
    Site(40, ("C34.0", "C34.1"), "8041/3", 0.85, (50, 78), 0.85,
         edition="9", table="lung_sclc_9", early=(("T1c", "N0", "M0"),),
         late=(("T2a", "N2b", "M0"), ("T4", "N3", "M0"), ("T3", "N2b", "M1c2")),
         treatments=(("chemotherapy",), ("chemotherapy", "radiotherapy")), sides=("1", "2")),
    Site(120, ("C16.2", "C16.3", "C16.9"), "8140/3", 0.65, (45, 80), 0.55, table="stomach_c",
         early=(("T1b", "N0", "M0"), ("T2", "N0", "M0"), ("T2", "N1", "M0")),
         late=(("T3", "N1", "M0"), ("T4a", "N2", "M0"), ("T4b", "N1", "M0"), ("T3", "N2", "M1")),
         treatments=(("surgery",), ("chemotherapy", "surgery")), gene_test=0.3),
    Site(75, ("C18.7", "C18.2", "C18.0"), "8140/3", 0.55, (45, 80), 0.5, table="colorectal",
         early=(("T2", "N0", "M0"), ("T3", "N0", "M0")),
         late=(("T3", "N1b", "M0"), ("T4a", "N2a", "M0"), ("T3", "N2b", "M1a")),
         treatments=(("surgery",), ("surgery", "chemotherapy")), gene_test=0.4),
    Site(60, ("C20",), "8140/3", 0.58, (45, 80), 0.52, table="colorectal",
         early=(("T2", "N0", "M0"), ("T3", "N0", "M0")),
         late=(("T3", "N1b", "M0"), ("T3", "N2a", "M0"), ("T3", "N2b", "M1a")),
         treatments=(("surgery",), ("radiotherapy", "chemotherapy")), gene_test=0.3),
    Site(90, ("C22.0",), "8170/3", 0.8, (38, 75), 0.5, system="CNLC", edition="2024",
         groups=(("Ia", "Ib", "IIa", "IIb"), ("IIIa", "IIIb", "IV")),
         treatments=(("surgery", "intervention"), ("intervention", "targeted")), basis="2"),
    Site(95, ("C50.4", "C50.9", "C50.2"), "8500/3", 0.0, (32, 72), 0.34, table="breast_anatomic",
         early=(("T1c", "N0", "M0"), ("T2", "N1", "M0"), ("T2", "N0", "M0")),
         late=(("T3", "N2a", "M0"), ("T4b", "N1", "M0"), ("T2", "N3a", "M0"), ("T2", "N1", "M1")),
         treatments=(("surgery",), ("chemotherapy", "endocrine")), gene_test=0.3, sides=("1", "2")),
    Site(70, ("C15.4", "C15.5"), "8070/3", 0.75, (50, 80), 0.6, table="oesophagus_scc_c",
         early=(("T1b", "N0", "M0"), ("T2", "N0", "M0")),
         late=(("T3", "N1", "M0"), ("T3", "N2", "M0"), ("T4b", "N1", "M0"), ("T3", "N1", "M1")),
         treatments=(("surgery",), ("radiotherapy", "chemotherapy"))),
    Site(55, ("C53.9",), "8070/3", 0.0, (35, 75), 0.42, system="FIGO", edition="2018",
         groups=(("IB1", "IB2", "IIA1", "IIB"), ("IIIB", "IIIC1", "IVA", "IVB")),
         treatments=(("surgery", "radiotherapy"), ("radiotherapy",))),
    Site(60, ("C73",), "8260/3", 0.25, (25, 68), 0.0, table="thyroid_differentiated",
         early=(("T1a", "N0", "M0"), ("T2", "N1a", "M0"), ("T1b", "N0", "M0")),
         treatments=(("surgery",), ("surgery",)), sides=("1", "2")),
    Site(40, ("C11.9",), "8072/3", 0.7, (35, 70), 0.5, edition="9", table="nasopharynx_9",
         early=(("T1", "N1", "M0"), ("T3", "N2", "M0")),
         late=(("T4", "N2", "M0"), ("T2", "N3", "M0"), ("T3", "N2", "M1a")),
         treatments=(("radiotherapy",), ("radiotherapy", "chemotherapy"))),
    Site(35, ("C25.0", "C25.9"), "8500/3", 0.55, (50, 82), 0.7, table="pancreas",
         early=(("T1c", "N0", "M0"), ("T2", "N1", "M0")),
         late=(("T4", "N1", "M0"), ("T3", "N2", "M0"), ("T2", "N1", "M1")),
         treatments=(("surgery",), ("chemotherapy", "intervention"))),
    Site(30, ("C83.3", "C85.9"), "9680/3", 0.55, (30, 78), 0.55, system="ANN_ARBOR", edition="",
         groups=(("I", "II"), ("III", "IV")), treatments=(("chemotherapy",), ("chemotherapy",))),
    Site(25, ("C92.0", "C91.0"), "", 0.55, (20, 75), 0.0, system="", edition="",
         treatments=(("chemotherapy",), ("chemotherapy",))),
    Site(18, ("C71.1", "C71.9"), "9440/3", 0.55, (30, 72), 0.0, system="", edition="",
         treatments=(("surgery",), ("surgery",))),
    Site(22, ("D05.1",), "8500/2", 0.0, (35, 65), 0.0, table="breast_anatomic",
         early=(("Tis", "N0", "M0"),), sides=("1", "2")),
)  # fmt: skip
