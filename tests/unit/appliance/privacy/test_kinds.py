from appliance.privacy.kinds import CATALOGUE, THRESHOLD, Kind, Kinds


def test_each_type_stands_once_and_has_words_for_people():
    assert len({each.name for each in CATALOGUE}) == len(CATALOGUE)
    assert all(each.text and 0 < each.threshold < 1 for each in CATALOGUE)


def test_a_tenant_may_set_thresholds():
    kinds = Kinds({"PERSON": 0.7, "OWN": 0.2})
    assert kinds.threshold("PERSON") == 0.7
    assert kinds.threshold("OWN") == 0.2
    assert kinds.threshold("LOCATION") == THRESHOLD


def test_an_unknown_type_has_the_defaults():
    assert Kinds().threshold("OWN") == THRESHOLD
    assert Kinds().rank("OWN") == Kind("OWN", "own").rank


def test_what_is_surer_by_its_nature_has_the_higher_rank():
    rank = Kinds().rank
    assert rank("IMEI") > rank("CREDIT_CARD") > rank("PHONE_NUMBER")
    assert rank("PASSWORD") > rank("USERNAME") > rank("HOSTNAME") > rank("DOMAIN_NAME")


def test_the_catalogue_can_be_listed():
    assert [each.name for each in Kinds()] == [each.name for each in CATALOGUE]
