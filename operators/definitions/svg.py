"""A definition drawn as SVG by Graphviz, with colours for light and dark."""

import re
import shutil
import subprocess

from operators.definitions.dot import dot
from operators.definitions.drawing import NO_NOTES, Notes
from settings import WrongUsage
from workflow.definition import Definition

_PATIENCE_S = 60
_STYLE = """<style>
svg { color-scheme: light dark; }
text { fill: #1b1b1f; stroke: none; }
.state [fill="white"] { fill: #ffffff; stroke: none; }
.state [fill="none"] { stroke: #33415c; }
.final [fill="white"] { fill: #f0f0f2; }
.initial [fill="none"] { stroke: #0b5cad; }
.everywhere [fill="none"] { stroke-dasharray: 2 3; }
.edge path { stroke: #4a5160; } .edge polygon { stroke: #4a5160; fill: #4a5160; }
.fired path { stroke: #9a3d00; } .fired polygon { stroke: #9a3d00; fill: #9a3d00; } .fired text { fill: #9a3d00; }
.heat0 [fill="white"] { fill: #fffdf5; } .heat1 [fill="white"] { fill: #fff1d6; }
.heat2 [fill="white"] { fill: #ffe0ad; } .heat3 [fill="white"] { fill: #ffc98a; }
.heat4 [fill="white"] { fill: #ffb066; }
@media (prefers-color-scheme: dark) {
  text { fill: #ececf1; }
  .state [fill="white"] { fill: #1d2330; }
  .state [fill="none"] { stroke: #9fb0cf; }
  .final [fill="white"] { fill: #2a2b30; }
  .initial [fill="none"] { stroke: #6db3f8; }
  .edge path { stroke: #aab2c2; } .edge polygon { stroke: #aab2c2; fill: #aab2c2; }
  .fired path { stroke: #ffa366; } .fired polygon { stroke: #ffa366; fill: #ffa366; } .fired text { fill: #ffa366; }
  .heat0 [fill="white"] { fill: #211f1a; } .heat1 [fill="white"] { fill: #33291a; }
  .heat2 [fill="white"] { fill: #48351a; } .heat3 [fill="white"] { fill: #5f431c; }
  .heat4 [fill="white"] { fill: #6f4a1c; }
}
</style>"""


def can_draw() -> bool:
    """Whether Graphviz is installed."""
    return shutil.which("dot") is not None


def svg(definition: Definition, lang: str, notes: Notes = NO_NOTES) -> str:
    """An SVG drawing. Raises WrongUsage where Graphviz is not installed or cannot draw it."""
    program = shutil.which("dot")
    if program is None:
        fr = "Le SVG demande Graphviz (la commande dot), absent ici : --format dot, mermaid ou table."
        raise WrongUsage(fr, "SVG needs Graphviz (the command dot), missing here: --format dot, mermaid or table.")
    drawn = subprocess.run(  # noqa: S603 - a fixed program, fed with text that we wrote
        [program, "-Tsvg"], input=dot(definition, lang, notes), capture_output=True, text=True, encoding="utf-8",
        timeout=_PATIENCE_S, check=False,
    )  # fmt: skip
    if drawn.returncode:
        raise WrongUsage(f"Graphviz a échoué : {drawn.stderr.strip()}", f"Graphviz failed: {drawn.stderr.strip()}")
    return _styled(drawn.stdout, definition.title[lang])


def inlined(drawing: str) -> str:
    """The drawing as a part of a page: without what begins a file."""
    return drawing[drawing.index("<svg") :]


def _styled(drawn: str, title: str) -> str:
    """The drawing with our colours, and a name for who cannot see it; Graphviz's own titles are names of nodes."""
    named = re.sub(r"<title>[^<]*</title>\n?", "", drawn)
    text = title.replace("&", "&amp;").replace("<", "&lt;")
    opening = re.compile(r"(<svg\b[^>]*)>")
    return opening.sub(lambda found: f'{found[1]} role="img">\n<title>{text}</title>\n{_STYLE}', named, count=1)
