/** What the subgraph does to rows of its own, as resolvers find it in their context. */

import type { Ground } from "../../chassis/subgraph";
import { type DueStore, dueStore } from "./due-store";
import { type InvitationDesk, invitationDesk } from "./invitation-desk";
import { type InvitationStore, invitationStore } from "./invitation-store";

export interface Acts {
  readonly due: DueStore;
  readonly invitations: InvitationStore;
  readonly desk: InvitationDesk;
}

export function acts(ground: Ground): Acts {
  const due = dueStore(ground.database);
  const invitations = invitationStore(ground.database);
  return { due, invitations, desk: invitationDesk(ground, due, invitations) };
}
