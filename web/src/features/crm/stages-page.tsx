"use client";

import { Plus } from "lucide-react";
import { useSearchParams } from "next/navigation";
import { type FormEvent, useRef, useState } from "react";
import { toast } from "sonner";
import { api } from "@/client/api";
import { useThing } from "@/client/queries";
import { useCan } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { Button, ButtonLink } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { SelectField, TextField } from "@/ui/field";
import { PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import type { Board, Stage } from "./contract";
import { draftsOf, leftOut, likelihoodOf, type StageDraft, swapped } from "./stage-drafts";
import { StageRow } from "./stage-row";

/** The stages of one pipeline, for those who may change them. */
export function StagesPage() {
  const id = useSearchParams().get("pipeline");
  const mayChange = useCan()("crm:manage");
  const board = useThing<Board>(id && mayChange ? `/crm/pipelines/${id}/board` : null);
  if (!mayChange) return <EmptyState title="Not for you" why="Stages are changed by those who manage the pipeline." />;
  if (!id) return <EmptyState title="Which pipeline?" why="Open its stages from the pipeline." />;
  if (board.error) return <ErrorState problem={board.error} onRetry={() => board.refetch()} />;
  if (!board.data) return <Skeleton lines={8} />;
  return <StagesForm key={board.data.pipeline.version} board={board.data} />;
}

function StagesForm({ board }: { board: Board }) {
  const { pipeline } = board;
  const act = useAction();
  const made = useRef(0);
  const [drafts, setDrafts] = useState(() => draftsOf(pipeline));
  const [into, setInto] = useState<Record<string, string>>({});
  const [unread, setUnread] = useState<number | null>(null);
  const gone = leftOut(pipeline, drafts);
  /** What a refusal said of a stage by its place is no longer so when the places change. */
  function rearrange(next: StageDraft[]) {
    act.forget();
    setUnread(null);
    setDrafts(next);
  }

  const deals = (stageId: string) => board.columns.find(({ stage }) => stage.id === stageId)?.number ?? 0;

  function add() {
    made.current += 1;
    const draft: StageDraft = { key: `new${made.current}`, id: null, name: "", outcome: "open", percent: "50" };
    const firstEnd = drafts.findIndex(({ outcome }) => outcome !== "open");
    const at = firstEnd < 0 ? drafts.length : firstEnd;
    rearrange([...drafts.slice(0, at), draft, ...drafts.slice(at)]);
  }

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const wrong = drafts.findIndex((draft) => likelihoodOf(draft) === null);
    setUnread(wrong < 0 ? null : wrong);
    if (wrong >= 0) return;
    const body = {
      name: form.get("pipeline"),
      version: pipeline.version,
      stages: drafts.map((draft) => ({
        ...(draft.id && { id: draft.id }),
        name: draft.name,
        outcome: draft.outcome,
        probability_bps: likelihoodOf(draft),
      })),
      moves: gone.flatMap(({ id }) => (into[id] ? [{ from_stage: id, to_stage: into[id] }] : [])),
    };
    if (await act.run(() => api.put(`/crm/pipelines/${pipeline.id}`, body))) toast("The stages are saved");
  }

  return (
    <form onSubmit={submit}>
      <PageHeader
        title={`Stages of ${pipeline.name}`}
        note="In the order deals go through them; what is open says how likely it is won"
        actions={<ButtonLink href={`/pipeline/?pipeline=${pipeline.id}`}>Back to the pipeline</ButtonLink>}
      />
      <div className="max-w-3xl space-y-6">
        <Sheet>
          <TextField
            label="Name of the pipeline"
            name="pipeline"
            required
            maxLength={80}
            defaultValue={pipeline.name}
            error={act.problem?.messageFor("name")}
          />
        </Sheet>
        <Sheet
          title="Stages"
          flush
          actions={
            <Button icon={<Plus size={14} aria-hidden />} disabled={drafts.length >= 20} onClick={add}>
              Add a stage
            </Button>
          }
        >
          <ol className="divide-y divide-rule">
            {drafts.map((draft, at) => (
              <StageRow
                key={draft.key}
                draft={draft}
                at={at}
                last={drafts.length - 1}
                deals={draft.id ? deals(draft.id) : 0}
                problem={act.problem}
                isUnread={unread === at}
                onChange={(part) => setDrafts(drafts.map((one, n) => (n === at ? { ...one, ...part } : one)))}
                onMove={(step) => rearrange(swapped(drafts, at, step))}
                onRemove={() => rearrange(drafts.filter((_, n) => n !== at))}
              />
            ))}
          </ol>
        </Sheet>
        {gone.length > 0 && (
          <Sheet title="Stages that go">
            <ul className="space-y-4">
              {gone.map((stage) => (
                <GoingStage
                  key={stage.id}
                  stage={stage}
                  deals={deals(stage.id)}
                  choices={pipeline.stages.filter((one) => one.outcome === stage.outcome && !gone.includes(one))}
                  chosen={into[stage.id] ?? ""}
                  error={act.problem?.messageFor("moves")}
                  onChoose={(id) => setInto({ ...into, [stage.id]: id })}
                />
              ))}
            </ul>
            <Button className="mt-4" onClick={() => rearrange(draftsOf(pipeline))}>
              Begin again
            </Button>
          </Sheet>
        )}
        {act.problem && <ErrorState problem={act.problem} />}
        <Button kind="primary" type="submit" busy={act.busy} className="w-full sm:w-auto">
          Save the stages
        </Button>
      </div>
    </form>
  );
}

type GoingProps = {
  stage: Stage;
  deals: number;
  choices: Stage[];
  chosen: string;
  error?: string | null;
  onChoose: (id: string) => void;
};

function GoingStage({ stage, deals, choices, chosen, error, onChoose }: GoingProps) {
  if (deals === 0) return <li>{stage.name}: no deals stand there.</li>;
  return (
    <li>
      <SelectField
        label={`${deals} ${deals === 1 ? "deal stands" : "deals stand"} at ${stage.name} and ${deals === 1 ? "goes" : "go"} to`}
        required
        value={chosen}
        error={error}
        hint={choices.length === 0 ? "No other stage ends alike: it has to stay while deals stand there" : undefined}
        onChange={(event) => onChoose(event.target.value)}
      >
        <option value="">Choose</option>
        {choices.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </SelectField>
    </li>
  );
}
