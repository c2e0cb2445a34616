"""What `ringfence doctor` looks at."""

from api.checks.finding import Finding
from api.checks.launches import examine_launches
from api.checks.machine import examine_machine
from api.checks.services import examine_services

__all__ = ["Finding", "examine_launches", "examine_machine", "examine_services"]
