"""A signature is given after re-authentication, whatever door it comes through."""

import re
from pathlib import Path

MDT = Path(__file__).parents[2] / "mdt"


def test_no_page_or_socket_signs_without_asking_for_the_password_again():
    sources = [
        path for door in ("blueprints", "realtime", "jobs") for path in MDT.glob(f"{door}/**/*.py")
    ]
    users = [path for path in sources if re.search(r"sign_as_known", path.read_text())]
    assert (len(sources) > 10, users) == (True, [])
