use super::*;

fn explain(topic: &str, recursive: bool, width: usize) -> Result<String, ExplainError> {
    let mut out = Vec::new();
    let topic = Some(topic).filter(|t| !t.is_empty()).map(str::to_owned);
    run(&Args { topic, recursive }, width, &mut out)?;
    Ok(String::from_utf8(out).unwrap())
}

#[test]
fn all_kinds_are_listed() {
    let text = explain("", false, DEFAULT_WIDTH).unwrap();
    for def in ALL {
        assert!(
            text.lines().any(|line| line.split_whitespace().next() == Some(def.kind.name())),
            "{}",
            def.kind
        );
    }
}

#[test]
fn every_page_of_every_kind_is_written_within_the_width() {
    fn walk(field: Field<'_>, path: &str) {
        let text = explain(path, false, 60).unwrap();
        let description = first_sentence(field.description());
        assert!(!description.is_empty(), "{path} has no description");
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(description), "{path}: {text}");
        for line in text.lines().filter(|line| line.starts_with(char::is_alphabetic)).skip(1) {
            assert!(line.chars().count() <= 60, "{line}");
        }
        for inner in field.fields() {
            walk(inner, &format!("{path}.{}", inner.name));
        }
    }
    for def in schema::documents() {
        let schema = schema::kind_schema(def.kind).unwrap();
        walk(Field::new(def.kind.name(), true, &schema).unwrap(), def.kind.name());
    }
}

#[test]
fn a_path_goes_through_spec_lists_and_choices_whether_named_or_not() {
    let with = explain("Api.spec.backend.http.parameters.from", false, 80).unwrap();
    assert_eq!(with, explain("api.backend.http.parameters[].from", false, 80).unwrap());
    assert!(with.starts_with("Api.spec.backend.http.parameters.from  <choice>  required\n"), "{with}");
    assert!(with.contains("EXACTLY ONE OF\n  request "), "{with}");
    assert!(explain("Throttle.metadata.labels", false, 80).unwrap().contains("<map of strings>"));
}

#[test]
fn a_leaf_shows_its_values_and_limits() {
    insta::assert_snapshot!(explain("Api.visibility", false, 60).unwrap(), @r"
    Api.spec.visibility  <enum>  default private

    Whether the API may be listed for everybody (`public`) or
    not (`private`).

    VALUES
      public   May be listed for everybody.
      private  Only for those who are given it.
    ");
    assert!(
        explain("Api.backend.http.retries", false, 80)
            .unwrap()
            .contains("LIMITS\n  at least 0\n  at most 10\n")
    );
}

#[test]
fn the_tree_names_every_field() {
    let text = explain("Binding", true, 80).unwrap();
    assert!(text.contains("\n  spec  <object>\n    environment  <string>  required\n"), "{text}");
    assert!(text.contains("\n    apis  <object>  required\n      group  <string>\n"), "{text}");
}

#[test]
fn unknown_names_are_answered_with_the_near_and_the_known() {
    let error = explain("Apl", false, 80).unwrap_err();
    assert_eq!(error.to_string(), "no kind is called `Apl`");
    assert!(error.hint().unwrap().starts_with("did you mean `Api`? the kinds are Group, "));
    let error = explain("Api.backend.htp", false, 80).unwrap_err();
    assert_eq!(error.to_string(), "Api.spec.backend has no field `htp`");
    assert_eq!(error.hint().unwrap(), "did you mean `http`? the fields are http, grpc, function, mock");
    let error = explain("Api.version.x", false, 80).unwrap_err();
    assert_eq!(error.hint().unwrap(), "it holds a plain value");
    assert!(explain("Publication", false, 80).unwrap().contains("it follows from documents"));
}
