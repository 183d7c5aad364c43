import { Field, type FieldProps } from "../../ui/Field.tsx";

type LabelsFieldProps = Omit<FieldProps, "value" | "onChange" | "hint" | "error"> & {
  readonly text: string;
  readonly onText: (text: string) => void;
  /** What was made of the text; its message takes the hint's place. */
  readonly read: { readonly ok: true } | { readonly ok: false; readonly message: string };
  readonly hint: string;
};

/** Where labels are typed, `env=prod role=db`. */
export function LabelsField({ text, onText, read, hint, ...field }: LabelsFieldProps) {
  return (
    <Field
      placeholder="env=prod role=db"
      {...field}
      mono
      value={text}
      onChange={(event) => onText(event.target.value)}
      hint={read.ok ? hint : undefined}
      error={read.ok ? undefined : read.message}
      spellCheck={false}
      autoCapitalize="off"
      autoComplete="off"
    />
  );
}
