// What editors know besides JSON Schema; `ajv --strict=true` wants to be told.
module.exports = (ajv) => ajv.addVocabulary(["markdownDescription", "markdownEnumDescriptions"]);
