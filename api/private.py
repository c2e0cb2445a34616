"""Privacy as the settings want it, with the weights of the starter shelf."""

from appliance.privacy.people.namefinders import RAMPART, Weights
from appliance.privacy.privacy import Privacy
from appliance.settings import Settings
from models.spec import find


def open_privacy(settings: Settings, key: bytes) -> Privacy:
    paths, rampart = settings.paths, find(RAMPART)
    weights = Weights(rampart.path(paths.var), rampart.sha256)
    return Privacy(settings.privacy, key, paths.cache or paths.var / "cache", weights)
