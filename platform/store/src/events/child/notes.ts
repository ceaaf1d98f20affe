/** What the child tells the people who run the platform; the parent writes it to the log. */
export interface Notes {
  log(level: 'info' | 'warn' | 'error', fields: object, message: string): void;
}
