/** The inventory: its module, and the service for tests that stand on it. */
export { InventoryConfig, inventoryModule } from './module.ts';
