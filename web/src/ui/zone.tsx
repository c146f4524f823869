"use client";

import { createContext, useContext } from "react";

/** The business's time zone; every absolute date on screen is in it. */
export const ZoneContext = createContext("UTC");

export function useZone(): string {
  return useContext(ZoneContext);
}
