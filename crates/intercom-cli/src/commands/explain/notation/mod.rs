//! Reads text in any notation into a tree: JSON, the output of `inspect`, `repr` and `var_dump` in many languages, logs.
//!
//! Nothing here knows Intercom. There is one pass with a stack and no backtracking. Looks ahead are short, except those for the
//! end of a string, of an encoded document or of an element. Their text is then passed over, and a kind of quote that is not
//! closed is not looked for again. So any text takes linear time. Of a long text, the end is read, because the last error
//! counts.
//!
//! Text outside of brackets is prose. It can contain `key=value` and `key: value`, and its lines can be YAML or headers.
//! Strings are read again, because they can contain a document.

mod keys;
mod lines;
mod pattern;
mod scanner;
mod strings;
mod tags;
mod tree;

pub(crate) use pattern::{Pattern, group, pattern};
pub(crate) use scanner::parse;
pub(crate) use tree::{Kind, Node, Tree, begin, end};

#[cfg(test)]
mod tests {
    use super::{Kind, Tree, parse};

    /// The tree as text: `key=value` for a value, and `key(...)` for a group.
    fn shown(tree: &Tree, index: usize) -> String {
        let children: Vec<String> = tree
            .children(index)
            .map(|(index, _)| shown(tree, index))
            .collect();
        let node = tree.node(index).unwrap();
        let key = node.key.clone().unwrap_or_default();
        match node.kind {
            Kind::Quoted if children.is_empty() => format!("{key}={:?}", node.text),
            Kind::Bare if children.is_empty() => format!("{key}={}", node.text),
            _ => format!("{key}({})", children.join(" ")),
        }
    }

    #[test]
    fn values_with_keys_are_found_in_many_notations() {
        for text in [
            r#"{"code":"x","message":"y z"}"#,
            r#"{'code': 'x', 'message': 'y z'}"#,
            r#"{"code"=>"x", :message=>"y z"}"#,
            r#"%{code: "x", message: "y z"}"#,
            r#"{:code "x", :message "y z"}"#,
            r#"["code": "x", "message": "y z"]"#,
            r#"#{<<"code">> => <<"x">>, <<"message">> => <<"y z">>}"#,
            r#"{ ["code"] = "x", message = "y z" }"#,
            r#"#<Error @code="x", @message="y z">"#,
            r#"Error { code: Some("x"), message: "y z" }"#,
            r#"Error(code='x', message='y z')"#,
            r#"{code=x, message=y z}"#,
            r#"Error[code=x, message=y z]"#,
            r#"Map(code -> x, message -> y z)"#,
            r#"{ code = x; message = y z; }"#,
            r#"{code: x message: "y z"}"#,
            r#"code=x message="y z""#,
            "code: x\nmessage: y z\n",
            "code:  \"x\"\nmessage:  'y z'\n",
            "<code>x</code><message>y z</message>",
            r#"{\"code\":\"x\",\"message\":\"y z\"}"#,
            r#""{""code"":""x"",""message"":""y z""}""#,
            "%7B%22code%22%3A%22x%22%2C%22message%22%3A%22y%20z%22%7D",
            "{&quot;code&quot;:&quot;x&quot;,&quot;message&quot;:&quot;y z&quot;}",
        ] {
            let tree = parse(text);
            let value = |key: &str| {
                let mut nodes = tree.nodes.iter();
                let node = nodes.find(|node| node.key.as_deref() == Some(key));
                node.map(|node| node.text.as_str())
            };
            assert_eq!(
                (value("code"), value("message")),
                (Some("x"), Some("y z")),
                "{text}"
            );
        }
    }

    #[test]
    fn groups_are_nested_as_in_the_text() {
        for (text, expected) in [
            (
                r#"{"a":[{"b":1},{"b":2}],"c":"{\"d\":3}"}"#,
                "((a((b=1) (b=2)) c((d=3))))",
            ),
            (
                "a:\n- b: 1\n  c: x: y\n- b: 2\nd: 3\n",
                "(a((b=1 c(x=y)) (b=2)) d=3)",
            ),
            ("it's (a status 5): {'a': 'b'} can't", "((a=\"b\"))"),
            ("{a=1, b=c (d) e}", "((a=1 b=c (d) e))"),
            ("{a=null b:, c=1}", "((a=null b: c=1))"),
            ("stray ( and [ here\n{a: 1}", "((a=1))"),
            ("{a=r``, b=r'c', d=`e`}", "((a=r`` b=\"c\" d=\"e\"))"),
            (
                "E(a=[E(b=x, \", c=1), E(b=\"=, c=2)])",
                "((a((b=x, \" c=1) (b=\"= c=2))))",
            ),
        ] {
            assert_eq!(shown(&parse(text), 0), expected, "{text}");
        }
    }

    #[test]
    fn of_many_values_the_last_ones_are_kept() {
        for unit in ["a=1\n", "[{a=1}] ", "{ a=1\n"] {
            let tree = parse(&format!("{}\n[z=9]", unit.repeat(1 << 18)));
            assert!(tree.nodes.len() < 1 << 19, "{unit}");
            let last = tree.nodes.iter().rev().find(|node| node.key.is_some());
            assert_eq!(
                last.map(|node| (node.key.as_deref(), node.text.as_str())),
                Some((Some("z"), "9")),
                "{unit}"
            );
        }
    }

    #[test]
    fn any_nesting_is_read_without_recursion() {
        for text in [
            "{", "[{(", "{a:", "{\"a\":", "<a>", "\"", "'\"", "\\\"", "a=", "- ", "%7B",
        ] {
            let tree = parse(&text.repeat(1 << 14));
            assert!(tree.nodes.len() < 1 << 19, "{text}");
        }
    }
}
