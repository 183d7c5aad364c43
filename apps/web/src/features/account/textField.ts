/** What was typed into a form's field; "" for one that is not there. */
export function textField(data: FormData, name: string): string {
  const value = data.get(name);
  return typeof value === "string" ? value : "";
}
