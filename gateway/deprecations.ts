/**
 * What an operation asks for that is on its way out, so that a field is taken away when nobody asks for it any more, and
 * not before: `gateway_deprecated_total` counts it, and the log names who asked.
 */

import {
  type DocumentNode,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from "graphql";

/** Names of the schema, in order, each once: `Child.notes`, `Query.children(page:)`, `Vaccine.MENC`. */
export function deprecatedIn(schema: GraphQLSchema, document: DocumentNode): readonly string[] {
  const types = new TypeInfo(schema);
  const found = new Set<string>();
  visit(
    document,
    visitWithTypeInfo(types, {
      Field() {
        const field = types.getFieldDef();
        if (field?.deprecationReason != null) found.add(`${types.getParentType()?.name}.${field.name}`);
      },
      Argument() {
        const [argument, field] = [types.getArgument(), types.getFieldDef()];
        if (argument?.deprecationReason != null)
          found.add(`${types.getParentType()?.name}.${field?.name}(${argument.name}:)`);
      },
      EnumValue({ value }) {
        const type = getNamedType(types.getInputType());
        if (isEnumType(type) && type.getValue(value)?.deprecationReason != null) found.add(`${type.name}.${value}`);
      },
    }),
  );
  return [...found].sort();
}
