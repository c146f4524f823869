"""The drill in which the wall clocks of APIs and workers jump, all together and away from each other."""

import psycopg

from specie.app.cli.assay_site import AssaySite
from specie.app.cli.moved_clock import VARIABLE, set_clock
from specie.assay.journal import Operation
from specie.assay.profile import Fault
from specie.assay.run import Conclusion

_PROGRAM = "specie.app.cli.moved_clock"
_GAPS = """
select count(*) from (select n, row_number() over (partition by tenant_id order by n) as nth
  from specie.event_number) numbered where n <> nth
"""
_TWICE = "select count(*) - count(distinct event_id) from specie.event_number"
_RUN_TWICE = """
select count(*) from (select entry_id from specie.scheduled_transfer where entry_id is not null
 group by tenant_id, entry_id having count(*) > 1) made
"""


class MovedClocks(AssaySite):
    """The provider's and PostgreSQL's clocks stay right; the monotonic clocks of the processes go on as they do."""

    def dress(self) -> None:
        """Give each process a clock of its own."""
        self._clocks = []
        for number, kept in enumerate(self.kept):
            if kept.kind == "simulator":
                continue
            file = self.state / f"clock-{number}"
            set_clock(file, 0)
            kept.program = _PROGRAM
            kept.settings[VARIABLE] = str(file)
            self._clocks.append(file)

    async def hit(self, fault: Fault) -> bool:
        """Set every clock, or that of every other process."""
        if fault.action != "jump":
            return await super().hit(fault)
        moved = self._clocks if fault.victim == "every_clock" else self._clocks[::2]
        for file in moved:
            set_clock(file, fault.seconds)
        return True

    async def conclude(self, _operations: list[Operation]) -> Conclusion:
        """The feed is numbered without a gap and nothing twice, whatever the clocks said."""
        concluded = Conclusion()
        with psycopg.connect(self.auditor_url) as books:
            for query, what in (
                (_GAPS, "events are numbered with gaps"),
                (_TWICE, "events have two numbers"),
                (_RUN_TWICE, "entries stand for two scheduled transfers"),
            ):
                [found] = books.execute(query).fetchone() or [0]
                if found:
                    concluded.wrong.append(f"{found} {what}")
            [events] = books.execute("select count(*) from specie.event_number").fetchone() or [0]
        concluded.figures["Events numbered without a gap"] = events
        return concluded
