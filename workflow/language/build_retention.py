"""From the language's retention to the categories of a definition: each personal field in one, an end, a period."""

from collections.abc import Mapping

from workflow.definition import Category, Field
from workflow.language.forms import RetentionForm
from workflow.language.names import Names
from workflow.language.positions import Path

FINAL = "final"


def build_retention(
    names: Names, fields: Mapping[str, Field], forms: Mapping[str, RetentionForm]
) -> dict[str, Category]:
    """The categories in the file's order; findings for what is in none, or in several."""
    placed: dict[str, str] = {}
    found: dict[str, Category] = {}
    for order, (name, form) in enumerate(forms.items()):
        _place(names, fields, placed, name, form)
        keep = names.length(form.keep, ("retention", name, "keep"))
        if keep is not None:
            ends = _ends(names, form, ("retention", name, "after"))
            found[name] = Category(name, order, tuple(f for f in form.fields if f in fields), form.texts, ends, keep)
    if forms:
        _find_unplaced(names, fields, placed, forms)
    return found


def _place(names: Names, fields: Mapping[str, Field], placed: dict[str, str], name: str, form: RetentionForm) -> None:
    path = ("retention", name, "fields")
    if not form.fields and not form.texts:
        fr, en = f"la catégorie « {name} » n'a pas de champs : nommez-en", f"category {name!r} has no fields: name some"
        names.report(names.source.key("retention", name), "empty_category", fr, en)
    for index, field in enumerate(form.fields):
        known = names.one("field", field, (*path, index))
        at = names.source.value(*path, index)
        if known is None:
            continue
        if known in fields and not fields[known].personal:
            fr = f"le champ « {known} » n'est pas personal : seules les données personnelles sont effacées"
            names.report(at, "not_personal", fr, f"field {known!r} is not personal: only personal data are erased")
        if known in placed:
            fr = f"le champ « {known} » est déjà dans la catégorie « {placed[known]} »"
            names.report(at, "repeated", fr, f"field {known!r} is in the category {placed[known]!r} already")
        else:
            placed[known] = name


def _ends(names: Names, form: RetentionForm, path: Path) -> frozenset[str]:
    if form.after == FINAL:
        return names.finals
    states = names.states(form.after, path)
    open_ones = sorted(states - names.finals)
    if open_ones:
        fr = f"l'état « {open_ones[0]} » n'est pas final : une durée de conservation compte depuis la fin d'une vie"
        en = f"state {open_ones[0]!r} is not final: a period of retention counts from the end of a life"
        names.report(names.source.value(*path), "not_final", fr, en)
    return states & names.finals


def _find_unplaced(
    names: Names, fields: Mapping[str, Field], placed: Mapping[str, str], forms: Mapping[str, RetentionForm]
) -> None:
    for name, spec in fields.items():
        if spec.personal and name not in placed:
            fr = f"le champ personnel « {name} » n'est dans aucune catégorie de retention : il serait gardé sans fin"
            en = f"personal field {name!r} is in no category of retention: it would be kept for ever"
            names.report(names.source.key("fields", name), "no_category", fr, en)
    texts = [name for name, form in forms.items() if form.texts]
    if not texts:
        fr = "les textes libres ne sont dans aucune catégorie de retention : écrivez texts: true dans l'une d'elles"
        en = "free texts are in no category of retention: say texts: true in one"
        names.report(names.source.key("retention"), "no_category", fr, en)
    for name in texts[1:]:
        fr = f"les textes libres sont déjà dans la catégorie « {texts[0]} »"
        en = f"free texts are in the category {texts[0]!r} already"
        names.report(names.source.key("retention", name, "texts"), "repeated", fr, en)
