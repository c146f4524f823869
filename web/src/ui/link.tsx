"use client";

import NextLink from "next/link";
import { type ComponentProps, useState } from "react";

/**
 * A link that fetches its page when it is pointed at or focused, not when it comes into view: a page of the console
 * shows dozens of links, and fetching what is behind all of them would be most of its work.
 */
export function Link(props: ComponentProps<typeof NextLink>) {
  const [isMeant, setIsMeant] = useState(false);
  const mean = () => setIsMeant(true);
  return <NextLink {...props} prefetch={isMeant ? null : false} onMouseEnter={mean} onFocus={mean} />;
}
