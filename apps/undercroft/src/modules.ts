/** The platform is this list. A new engine is one more line. */
import { alertsModule } from '@undercroft/alerts';
import { checksModule } from '@undercroft/checks';
import { flowModule } from '@undercroft/flow';
import { httpModule } from '@undercroft/http';
import { identityModule } from '@undercroft/identity';
import { inventoryModule } from '@undercroft/inventory';
import type { Module } from '@undercroft/kernel';
import { metricsModule } from '@undercroft/metrics';
import { scanModule } from '@undercroft/scan';
import { storeModule } from '@undercroft/store';
import { watchModule } from '@undercroft/watch';

export const MODULES: readonly Module[] = [
  storeModule,
  httpModule,
  identityModule,
  inventoryModule,
  alertsModule,
  metricsModule,
  flowModule,
  scanModule,
  checksModule,
  watchModule,
];
