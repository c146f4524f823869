import { classes } from "@/ui/classes";
import { Link } from "@/ui/link";
import type { Place, PlaceGroup } from "./navigation";

export function SideNavigation({ groups, current }: { groups: PlaceGroup[]; current: Place | null }) {
  return (
    <div className="space-y-6">
      {groups.map((group) => (
        <div key={group.name}>
          <p className="mb-1 px-2 text-soft text-xs">{group.name}</p>
          <ul className="space-y-0.5">
            {group.places.map((place) => (
              <li key={place.href}>
                <PlaceLink place={place} isCurrent={place === current} />
              </li>
            ))}
          </ul>
        </div>
      ))}
    </div>
  );
}

function PlaceLink({ place, isCurrent }: { place: Place; isCurrent: boolean }) {
  const Icon = place.icon;
  const look = isCurrent ? "bg-accent-soft font-medium" : "hover:bg-well";
  return (
    <Link
      href={place.href}
      aria-current={isCurrent ? "page" : undefined}
      className={classes("flex items-center gap-2.5 rounded-md px-2 py-1.5", look)}
    >
      <Icon size={16} aria-hidden="true" className={isCurrent ? "text-accent" : "text-soft"} />
      {place.name}
    </Link>
  );
}
