"""What a person at the shell of a fresh installation does first, and looks after."""

import re

import pytest
from sqlalchemy import text

from mdt.extensions import db
from mdt.models.regions import Region
from tests.fixtures_app import Browser
from tests.world import twice


def run(app, *arguments):
    return app.test_cli_runner().invoke(args=[*map(str, arguments)])


def test_a_fresh_installation_lets_nobody_in_until_its_administrators_are_made(app):
    assert Browser(app).sign_in("admin", "admin").status_code == 422
    made = run(app, "accounts", "create-admin", "root-system", "--role", "system", "--name", "张工")
    assert made.exit_code == 0
    password = made.stdout.strip()
    assert re.fullmatch(r"[\w-]{16}", password)
    admin = Browser(app)
    admin.sign_in("root-system", password)
    assert admin.get("/admin").headers["Location"] == "/account/password"
    admin.token = admin.find_token(admin.get("/account/password").text)
    admin.post("/account/password", password=password, **twice("four words are enough"))
    assert admin.get("/admin").status_code == 200
    assert admin.get("/audit").status_code == 403


@pytest.mark.parametrize(
    ("username", "role", "told"),
    [
        ("Root", "system", "username_shape"),
        ("taken", "audit", "already_taken"),
        ("doctor", "clinician", "Invalid value"),
    ],
)
def test_an_account_that_cannot_be_is_refused(app, username, role, told):
    run(app, "accounts", "create-admin", "taken", "--role", "system")
    answer = run(app, "accounts", "create-admin", username, "--role", role)
    assert (answer.exit_code > 0, told in answer.output) == (True, True)


def test_regions_come_from_a_file_or_as_shipped(app, tmp_path):
    assert "regions" in run(app, "regions", "import").output
    file = tmp_path / "hunan.csv"
    file.write_text("code,name_zh,name_en,level,parent\n430000,湖南省,Hunan,province,\n")
    assert run(app, "regions", "import", file).output == "1 regions\n"
    file.write_text("code,name_zh,name_en,level,parent\n430100,长沙市,,city,44\n")
    refused = run(app, "regions", "import", file)
    assert refused.exit_code == 1
    assert "region_parent_unknown" in refused.output
    assert "line 2" in refused.output
    with app.app_context():
        assert db.session.get(Region, "430000").name_zh == "湖南省"
        assert db.session.get(Region, "430100") is None


def test_the_trail_is_checked_from_the_shell(app, world, person):
    person("clinician").get("/audit")
    assert "hash " in run(app, "audit", "close-batch").output
    assert run(app, "audit", "close-batch").output == "nothing to close\n"
    sound = run(app, "audit", "verify")
    assert (sound.exit_code, sound.output[:6]) == (0, "sound:")
    with app.app_context():
        db.session.execute(text("DROP TRIGGER audit_row_no_update"))
        db.session.execute(text("UPDATE audit_row SET address = '10.9.9.9' WHERE id = 1"))
        db.session.commit()
    broken = run(app, "audit", "verify")
    assert broken.exit_code == 1
    assert "BROKEN: batch 1, rows 1 to " in broken.output
