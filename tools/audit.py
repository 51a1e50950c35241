"""Asks the index of advisories about every locked dependency: `make audit`, and a part of `make check`.

Fails where one is known to be vulnerable. Where the index cannot be reached it says that nothing was audited, and does not fail.
"""

import json
import subprocess
import sys
from pathlib import Path

LOCKS = ("requirements/runtime.txt", "requirements/dev.txt")


def main() -> int:
    """Print what was found, and give the exit status."""
    command = [str(Path(sys.executable).with_name("pip-audit")), "--format=json", "--progress-spinner=off"]
    command += ["--disable-pip", "--require-hashes", "--timeout=10"]
    for lock in LOCKS:
        command += ["--requirement", lock]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        dependencies = json.loads(ended.stdout)["dependencies"]
    except (ValueError, KeyError):
        dependencies = []
    audited = [dependency for dependency in dependencies if "skip_reason" not in dependency]
    if not audited:
        print("The index of advisories could not be reached: nothing was audited.")
        return 0
    vulnerable = [dependency for dependency in audited if dependency["vulns"]]
    for dependency in vulnerable:
        for found in dependency["vulns"]:
            fixed = ", ".join(found["fix_versions"]) or "no version yet"
            print(f"{dependency['name']} {dependency['version']}: {found['id']}, fixed in {fixed}")
    print(f"{len(audited)} dependencies audited, {len(vulnerable)} vulnerable.")
    return 1 if vulnerable else 0


if __name__ == "__main__":
    sys.exit(main())
