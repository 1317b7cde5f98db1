"""What pyproject.toml cannot say: app and examples, which lie at the top of the checkout, go into the wheel too."""

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

SHIPPED = (
    "app.py",
    "app_pages/*.py",
    ".streamlit/config.toml",
    "scenarios/*",
    "scenarios/logs/*",
    "scenarios/sweeps/*",
)


class BuildWithExamples(build_py):
    """Copies them to switchpoint/shipped, where the installed command looks for them."""

    def run(self) -> None:
        """Build the package, then add what is shipped with it."""
        super().run()
        if self.editable_mode:
            return
        top = Path(__file__).resolve().parent
        for file in sorted(file for pattern in SHIPPED for file in top.glob(pattern) if file.is_file()):
            target = Path(self.build_lib, "switchpoint", "shipped", file.relative_to(top))
            self.mkpath(str(target.parent))
            self.copy_file(str(file), str(target))


setup(cmdclass={"build_py": BuildWithExamples})
