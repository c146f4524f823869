import { expect, test } from "vitest";
import { mentionedIn, neighbour, typedName } from "./neighbours";

const STAGES = ["one", "two"].map((id) => ({ id, name: id, outcome: "open" as const, probability_bps: 0 }));
const PEOPLE = [
  { user_id: "usr_1", name: "Agus Wijaya" },
  { user_id: "usr_2", name: "Sari" },
];

test("a deal moves to the stage beside its own and not over the edge", () => {
  expect(neighbour(STAGES, "one", 1)?.id).toBe("two");
  expect(neighbour(STAGES, "one", -1)).toBeNull();
  expect(neighbour(STAGES, "two", 1)).toBeNull();
  expect(neighbour(STAGES, "gone", 1)).toBeNull();
});

test("only those whose name still stands in the note are mentioned", () => {
  expect(mentionedIn("@Agus Wijaya, please call", PEOPLE)).toEqual(["usr_1"]);
  expect(mentionedIn("Agus knows", PEOPLE)).toEqual([]);
});

test("a name is being typed behind an @ at the end, but not inside an address", () => {
  expect(typedName("Ask @Ag")).toBe("Ag");
  expect(typedName("@")).toBe("");
  expect(typedName("mail to budi@kopi")).toBeNull();
  expect(typedName("@Agus\nthen")).toBeNull();
});
