/** The platform's types as they cross the edge: times are ISO 8601 in `…At` fields. */
import type * as kernel from '@undercroft/kernel';
import type { Edge } from '@undercroft/kernel';

export type Page<T> = { readonly items: readonly T[]; readonly next?: string; readonly total?: number };
/** `silent`: there as far as is known, but not seen for longer than it should be. */
export type Asset = Edge<kernel.Asset> & { readonly silent?: boolean };
export type AssetChange = Edge<kernel.AssetChange>;
export type Problem = Edge<kernel.Problem>;
export type ProblemState = kernel.ProblemState;
export type Evidence = Edge<kernel.Evidence>;
export type PlatformEvent = Edge<kernel.PlatformEvent>;
export type EventQueryResult = Edge<kernel.EventQueryResult>;
export type EventStoreStats = Edge<kernel.EventStoreStats>;
export type Severity = kernel.Severity;
export type Chart = kernel.Chart;
export type MetricsQueryResult = kernel.MetricsQueryResult;
export type ProcessRow = Edge<kernel.ProcessRow>;
export type CoverageLine = kernel.CoverageLine;
export type ScanResult = Edge<kernel.ScanResult>;
export type ScanProgress = kernel.ScanProgress;
export type CheckResult = Edge<kernel.CheckResult>;
export type JsonValue = kernel.JsonValue;
export type JsonObject = kernel.JsonObject;
