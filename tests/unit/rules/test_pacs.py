"""Which machine is meant by a title and an address."""

import pytest

from mdt.rules.errors import Invalid
from mdt.rules.pacs import PeerDraft, check_peer, choose_peer


@pytest.mark.parametrize(
    ("title", "address", "fields"),
    [
        ("CTPACS", "", {}),
        ("CT PACS-1_x", "10.0.0.5", {}),
        ("A" * 16, "10.0.0.0/8", {}),
        ("CTPACS", "2001:db8::/32", {}),
        ("A" * 17, "", {"ae_title": "ae_title_shape"}),
        ("", "", {"ae_title": "ae_title_shape"}),
        (" CT", "", {"ae_title": "ae_title_shape"}),
        ("CT\\X", "", {"ae_title": "ae_title_shape"}),
        ("影像", "", {"ae_title": "ae_title_shape"}),
        ("CT", "pacs.local", {"address": "peer_address_shape"}),
        ("CT", "10.0.0.5/8", {"address": "peer_address_shape"}),
    ],
)
def test_shapes_of_titles_and_addresses(title, address, fields):
    if not fields:
        check_peer(PeerDraft(1, title, address))
        return
    with pytest.raises(Invalid) as refused:
        check_peer(PeerDraft(1, title, address))
    assert refused.value.fields == fields


@pytest.mark.parametrize(
    ("sender", "known", "chosen"),
    [
        ("10.0.0.5", ["10.0.0.0/8", "10.0.0.5", ""], "10.0.0.5"),
        ("10.0.0.6", ["10.0.0.0/8", "10.0.0.5", ""], "10.0.0.0/8"),
        ("11.0.0.6", ["10.0.0.0/8", "10.0.0.5", ""], ""),
        ("11.0.0.6", ["10.0.0.0/8", "10.0.0.5"], None),
        ("::ffff:10.0.0.5", ["10.0.0.5"], "10.0.0.5"),
        ("2001:db8::1", ["10.0.0.5", "2001:db8::/32"], "2001:db8::/32"),
        ("10.0.0.5", [], None),
    ],
)
def test_the_most_closely_named_sender_is_meant(sender, known, chosen):
    found = choose_peer([PeerDraft(1, "CT", one) for one in known], sender)
    assert (found and found.address) == chosen
