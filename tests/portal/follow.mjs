// Reads calendar files in the order given, as ical.js reads them, and prints what each shows: one JSON line a file.
import { readFileSync } from "node:fs";
import ICAL from "ical.js";

for (const file of process.argv.slice(2)) {
  const calendar = new ICAL.Component(ICAL.parse(readFileSync(file, "utf8")));
  for (const zone of calendar.getAllSubcomponents("vtimezone")) {
    ICAL.TimezoneService.register(zone);
  }
  const shown = calendar.getAllSubcomponents("vevent").map((component) => {
    const event = new ICAL.Event(component);
    return {
      uid: event.uid,
      sequence: event.sequence,
      start: event.startDate.toJSDate().toISOString(),
      status: component.getFirstPropertyValue("status"),
      summary: event.summary,
      attendees: event.attendees.length,
    };
  });
  console.log(JSON.stringify(shown));
}
