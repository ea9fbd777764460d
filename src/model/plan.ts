/** A plan as data: printable and comparable. `run/` executes it and decides nothing. */

interface PlanNodeBase {
  readonly id: string;
  readonly cause: string;
  /** Ids of the nodes that must be done before. */
  readonly after: readonly string[];
}

type PlanStep =
  /** Removes the replicas numbered above `keepReplicas`. */
  | { readonly step: 'remove'; readonly service: string; readonly keepReplicas: number }
  /** Creates the workloads of all services that get new ones. */
  | { readonly step: 'create'; readonly service: null; readonly services: readonly string[] }
  | { readonly step: 'start'; readonly service: string }
  /** Runs unchanged; only its gate is asked. */
  | { readonly step: 'reuse'; readonly service: string }
  /** Stays stopped, as the user left it, or needs a service that does; its gate is not asked. */
  | { readonly step: 'skip'; readonly service: string }
  | { readonly step: 'gate'; readonly service: string }
  | { readonly step: 'seed'; readonly service: string }
  /** Asks every gate again before the environment is reported ready. */
  | { readonly step: 'recheck'; readonly service: null; readonly services: readonly string[] };

export type PlanNode = PlanNodeBase & PlanStep;
export type StepName = PlanNode['step'];

export interface Plan {
  readonly instance: string;
  readonly nodes: readonly PlanNode[];
}
