"""What must hold after every step, one file each. Add a file, and one line to `ALL`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from onvio_agent.world import icon_of

if TYPE_CHECKING:
    from onvio_agent.onvio.transport import Request
    from onvio_agent.simulator.wire import CloudResponse
    from onvio_agent.verdict.icon import Icon
    from onvio_agent.world import Publication
    from simulation.life import Life


class Invariant:
    """Override what is needed. `on_sample` is called each `seconds` of true time.

    `sampled_each`: only at one sample of so many, for what is costly to look at.
    """

    sampled_each = 1

    def concerns(self, path: str) -> bool:
        """Whether requests to that path matter to it; asked once for each path."""
        return True

    def on_publication(self, life: Life, publication: Publication) -> None:
        """The hub has published something about somebody, or a change."""

    def on_renewal(self, life: Life, publication: Publication) -> None:
        """The hub has published that the same connection was seen again, and nothing else."""

    def on_sample(self, life: Life, seconds: float) -> None:
        """Time has passed."""

    def on_boot(self, life: Life) -> None:
        """A process begins or has ended: what only lived in memory is gone."""

    def on_sealed(
        self, life: Life, tokens: Mapping[str, Any], user_id: int, generation: int
    ) -> None:
        """A link's tokens are about to be stored."""

    def on_sent(self, life: Life, request: Request) -> None:
        """A request leaves the agent."""

    def on_delivered(
        self, life: Life, request: Request, answer: CloudResponse, sent_at: float
    ) -> None:
        """The agent has the answer to what it sent at `sent_at`."""

    def on_route(self, life: Life, has_route: bool) -> None:
        """The workstation has lost its way out, or has it again."""

    def on_over(self, life: Life, request: Request) -> None:
        """The agent waits for that request's answer no longer."""

    def on_log(self, life: Life, event: str, keys: Mapping[str, Any]) -> None:
        """A line of the log, debugging aside."""

    def on_click(self, life: Life, number: int, login: str | None) -> None:
        """Somebody clicks, for one or (None) for all."""

    def on_clicked(self, life: Life, number: int, began_at: float, paused_since: bool) -> None:
        """That click's action has ended well; somebody may have paused meanwhile."""

    def at_end(self, life: Life) -> None:
        """The life is over, after hours of calm."""


def overriding(invariants: Iterable[Invariant], hook: str) -> list[Callable[..., None]]:
    """That hook of those invariants that have it."""
    return [getattr(each, hook) for each in invariants if has(each, hook)]


def concerned(invariants: Iterable[Invariant], hook: str, path: str) -> list[Callable[..., None]]:
    """That hook of those to which requests to `path` matter."""
    return overriding([each for each in invariants if each.concerns(path)], hook)


def has(invariant: Invariant, hook: str) -> bool:
    """Whether that hook is overridden."""
    return getattr(type(invariant), hook) is not getattr(Invariant, hook)


def icons_of(life: Life) -> dict[int, Icon]:
    """Everybody's icon at this instant, by the user's id; worked out once for all who ask."""
    world, now = life.agent.desk.hub.world, life.universe.true
    if life.icons_seen[:2] != (id(world), now):
        icons = {user.id: icon_of(world, user, now) for user in world.office.users}
        life.icons_seen = (id(world), now, icons)
    return life.icons_seen[2]


def bearer_of(request: Request) -> str | None:
    """The access token that a request presents."""
    for name, text in request.headers:
        if name == "authorization":
            return text.removeprefix("Bearer ")
    return None


def database_of(life: Life) -> Any:
    """The store's own connection, between two of its transactions."""
    return life.agent.desk.store._database._connection


from simulation.invariants.announces import Announces  # noqa: E402 - they build on the class above
from simulation.invariants.asks_people_once import AsksPeopleOnce  # noqa: E402
from simulation.invariants.browsers_answer import BrowsersAnswer  # noqa: E402
from simulation.invariants.clicks_count import ClicksCount  # noqa: E402
from simulation.invariants.comes_back import ComesBack  # noqa: E402
from simulation.invariants.commits_first import CommitsFirst  # noqa: E402
from simulation.invariants.confirmed_in_person import ConfirmedInPerson  # noqa: E402
from simulation.invariants.converges import Converges  # noqa: E402
from simulation.invariants.documents_arrive import DocumentsArrive  # noqa: E402
from simulation.invariants.ends_are_deserved import EndsAreDeserved  # noqa: E402
from simulation.invariants.erased_for_good import ErasedForGood  # noqa: E402
from simulation.invariants.green_is_proven import GreenIsProven  # noqa: E402
from simulation.invariants.is_silent import IsSilent  # noqa: E402
from simulation.invariants.manager_rule import ManagerRule  # noqa: E402
from simulation.invariants.notices import Notices  # noqa: E402
from simulation.invariants.passwords_pass import PasswordsPass  # noqa: E402
from simulation.invariants.pauses_end import PausesEnd  # noqa: E402
from simulation.invariants.promises_no_more import PromisesNoMore  # noqa: E402
from simulation.invariants.returns_spread import ReturnsSpread  # noqa: E402
from simulation.invariants.revoked_in_the_end import RevokedInTheEnd  # noqa: E402
from simulation.invariants.root_is_shown import RootIsShown  # noqa: E402
from simulation.invariants.spends_once import SpendsOnce  # noqa: E402
from simulation.invariants.stays_bounded import StaysBounded  # noqa: E402
from simulation.invariants.tells_the_truth import TellsTheTruth  # noqa: E402
from simulation.invariants.unique import Unique  # noqa: E402
from simulation.invariants.uses_young_tokens import UsesYoungTokens  # noqa: E402
from simulation.invariants.warns_of_ends import WarnsOfEnds  # noqa: E402

ALL: tuple[type[Invariant], ...] = (
    GreenIsProven,
    PromisesNoMore,
    TellsTheTruth,
    Announces,
    Notices,
    RootIsShown,
    EndsAreDeserved,
    ManagerRule,
    Unique,
    ConfirmedInPerson,
    AsksPeopleOnce,
    BrowsersAnswer,
    PasswordsPass,
    CommitsFirst,
    SpendsOnce,
    UsesYoungTokens,
    RevokedInTheEnd,
    IsSilent,
    PausesEnd,
    ReturnsSpread,
    ComesBack,
    ClicksCount,
    Converges,
    StaysBounded,
    DocumentsArrive,
    WarnsOfEnds,
    ErasedForGood,
)
