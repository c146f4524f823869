import type { Schemas } from "@/client/schemas";

export type Dashboard = Schemas["DashboardOut"];
export type Hour = Schemas["HourOut"];
