import pytest

from liquidtime.data import lookup

TABLE = {"ltc": 1, "conductance-ltc": 2, "gru": 3}


def test_a_known_name_gives_its_object():
    assert lookup("model", "gru", TABLE) == 3


@pytest.mark.parametrize(("name", "closest"), [("lct", "ltc"), ("GRU", "gru"), ("conductance_ltc", "conductance-ltc")])
def test_a_close_name_is_suggested(name, closest):
    with pytest.raises(ValueError, match=rf"no model named '{name}'. Did you mean '{closest}'\? Valid names: ltc, "):
        lookup("model", name, TABLE)


@pytest.mark.parametrize("name", ["transformer", "", None, 3, ["gru"]])
def test_anything_else_lists_the_valid_names(name):
    with pytest.raises(ValueError, match=r"\. Valid names: ltc, conductance-ltc, gru$") as caught:
        lookup("model", name, TABLE)
    assert "Did you mean" not in str(caught.value)
