"""The territories a placement may lie in: code, time zone, public holidays, name.

Knows nothing of dates: a territory only says which zone and which list of holidays apply.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


class CalendarError(ValueError):
    """A date, length, territory or calendar that cannot be read or computed: one sentence in French and English."""

    def __init__(self, fr: str, en: str) -> None:
        self.fr, self.en = fr, en
        super().__init__(en)


@dataclass(frozen=True, slots=True)
class Territory:
    """A French département or overseas collectivity, by its INSEE code."""

    code: str
    zone: str
    holidays: str
    name: str


_METROPOLE = """
01 Ain, 02 Aisne, 03 Allier, 04 Alpes-de-Haute-Provence, 05 Hautes-Alpes, 06 Alpes-Maritimes, 07 Ardèche,
08 Ardennes, 09 Ariège, 10 Aube, 11 Aude, 12 Aveyron, 13 Bouches-du-Rhône, 14 Calvados, 15 Cantal,
16 Charente, 17 Charente-Maritime, 18 Cher, 19 Corrèze, 2A Corse-du-Sud, 2B Haute-Corse, 21 Côte-d'Or,
22 Côtes-d'Armor, 23 Creuse, 24 Dordogne, 25 Doubs, 26 Drôme, 27 Eure, 28 Eure-et-Loir, 29 Finistère,
30 Gard, 31 Haute-Garonne, 32 Gers, 33 Gironde, 34 Hérault, 35 Ille-et-Vilaine, 36 Indre,
37 Indre-et-Loire, 38 Isère, 39 Jura, 40 Landes, 41 Loir-et-Cher, 42 Loire, 43 Haute-Loire,
44 Loire-Atlantique, 45 Loiret, 46 Lot, 47 Lot-et-Garonne, 48 Lozère, 49 Maine-et-Loire, 50 Manche,
51 Marne, 52 Haute-Marne, 53 Mayenne, 54 Meurthe-et-Moselle, 55 Meuse, 56 Morbihan, 57 Moselle, 58 Nièvre,
59 Nord, 60 Oise, 61 Orne, 62 Pas-de-Calais, 63 Puy-de-Dôme, 64 Pyrénées-Atlantiques, 65 Hautes-Pyrénées,
66 Pyrénées-Orientales, 67 Bas-Rhin, 68 Haut-Rhin, 69 Rhône, 70 Haute-Saône, 71 Saône-et-Loire, 72 Sarthe,
73 Savoie, 74 Haute-Savoie, 75 Paris, 76 Seine-Maritime, 77 Seine-et-Marne, 78 Yvelines, 79 Deux-Sèvres,
80 Somme, 81 Tarn, 82 Tarn-et-Garonne, 83 Var, 84 Vaucluse, 85 Vendée, 86 Vienne, 87 Haute-Vienne,
88 Vosges, 89 Yonne, 90 Territoire de Belfort, 91 Essonne, 92 Hauts-de-Seine, 93 Seine-Saint-Denis,
94 Val-de-Marne, 95 Val-d'Oise
"""

# The names of the holiday groups are those of the official list of public holidays.
_OVERSEAS = (
    Territory("971", "America/Guadeloupe", "Guadeloupe", "Guadeloupe"),
    Territory("972", "America/Martinique", "Martinique", "Martinique"),
    Territory("973", "America/Cayenne", "Guyane", "Guyane"),
    Territory("974", "Indian/Reunion", "La Réunion", "La Réunion"),
    Territory("975", "America/Miquelon", "Saint-Pierre-et-Miquelon", "Saint-Pierre-et-Miquelon"),
    Territory("976", "Indian/Mayotte", "Mayotte", "Mayotte"),
    Territory("977", "America/St_Barthelemy", "Saint-Barthélémy", "Saint-Barthélemy"),
    Territory("978", "America/Marigot", "Saint-Martin", "Saint-Martin"),
    Territory("986", "Pacific/Wallis", "Wallis-et-Futuna", "Wallis-et-Futuna"),
    Territory("987", "Pacific/Tahiti", "Polynésie Française", "Polynésie française"),
    Territory("988", "Pacific/Noumea", "Nouvelle-Calédonie", "Nouvelle-Calédonie"),
)

_ALSACE_MOSELLE = frozenset({"57", "67", "68"})


def _in_europe(entry: str) -> Territory:
    code, name = entry.strip().split(" ", 1)
    holidays = "Alsace-Moselle" if code in _ALSACE_MOSELLE else "Métropole"
    return Territory(code, "Europe/Paris", holidays, name)


TERRITORIES: Mapping[str, Territory] = MappingProxyType(
    {place.code: place for place in (*map(_in_europe, _METROPOLE.split(",")), *_OVERSEAS)}
)

_FIRST = {(place.zone, place.holidays): place.code for place in reversed([*TERRITORIES.values()])}
_ALIKE = {place.code: _FIRST[place.zone, place.holidays] for place in TERRITORIES.values()}


def alike(code: str) -> str:
    """The first territory with the same zone and holidays: its dates are the same, and need be worked out once only."""
    return _ALIKE.get(code, code)


HOLIDAY_GROUPS: tuple[str, ...] = tuple(dict.fromkeys(place.holidays for place in TERRITORIES.values()))


def territory(code: str) -> Territory:
    """The territory with this code (`75`, `2A`, `974` …); `CalendarError` says what an unknown one lacks."""
    found = TERRITORIES.get(code)
    if found is None:
        fr, en = _advice(code)
        raise CalendarError(f"le territoire « {code} » n'existe pas : {fr}", f"territory {code!r} is unknown: {en}")
    return found


def _advice(code: str) -> tuple[str, str]:
    """What to write instead, in French and in English."""
    if code == "20":
        return "la Corse est 2A (Corse-du-Sud) ou 2B (Haute-Corse)", "Corsica is 2A (Corse-du-Sud) or 2B (Haute-Corse)"
    for near in (str(code).strip().upper(), f"0{code}"):
        if near in TERRITORIES:
            named = f"{near} ({TERRITORIES[near].name})"
            return f"écrivez {named}", f"write {named}"
    return (
        "attendu un code de département, 01 à 95, 2A, 2B, 971 à 978 ou 986 à 988",
        "expected a département code, 01 to 95, 2A, 2B, 971 to 978 or 986 to 988",
    )
