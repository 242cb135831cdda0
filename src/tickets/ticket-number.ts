/** A ticket's number: the city's day and a serial within it, `20261124-000123`. Sorts by age. */
export function ticketNumber(day: string, serial: number): string {
  return `${day.replaceAll('-', '')}-${String(serial).padStart(6, '0')}`;
}

/** Whether a text has the form of a ticket's number. */
export function isTicketNumber(text: string): boolean {
  return /^\d{8}-\d{6,9}$/.test(text);
}
