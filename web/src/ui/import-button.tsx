"use client";

import { FileUp } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Button } from "./button";
import { Dialog } from "./dialog";

type Props = { title: string; description: string; children: (close: () => void) => ReactNode };

/** Opens a window in which a file is taken in; what is in it closes it when it is done. */
export function ImportButton({ title, description, children }: Props) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button icon={<FileUp size={14} aria-hidden />} onClick={() => setOpen(true)}>
        Import
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title={title} description={description}>
        {children(() => setOpen(false))}
      </Dialog>
    </>
  );
}
