"""DICOMweb for the images of each case: QIDO-RS, WADO-RS and STOW-RS (PS3.18)."""
