use super::*;

#[test]
fn what_the_child_writes_is_what_the_parent_reads() {
    let kind = TableKind::new(&["房号", "建筑面积"]);
    let mut input = serde_json::to_vec(&kind).unwrap();
    input.extend_from_slice("\n房号,建筑面积\n0101, ９０.98 \n".as_bytes());
    let mut output = Vec::new();
    serve(&mut input.as_slice(), &mut output).unwrap();
    let table = collect(&output).unwrap().unwrap();
    assert_eq!((table.header_row, table.rows.len()), (1, 1));
    let area = table.cell(&table.rows[0], "建筑面积").unwrap();
    assert_eq!((area.text.as_str(), area.raw(), area.at.as_str()), ("90.98", " ９０.98 ", "B2"));
}

#[test]
fn a_refusal_travels_with_its_reason() {
    let kind = TableKind::new(&["房号", "建筑面积", "房屋用途"]);
    let mut input = serde_json::to_vec(&kind).unwrap();
    input.extend_from_slice(b"\na,b,c\n");
    let mut output = Vec::new();
    serve(&mut input.as_slice(), &mut output).unwrap();
    assert_eq!(collect(&output), Some(Err(TableError::HeaderMissing { columns: "房号、建筑面积、房屋用途".into() })));
}

#[test]
fn an_answer_without_its_last_line_is_that_of_a_dead_child() {
    assert_eq!(collect(b"{\"header\":{\"row\":1,\"names\":[\"a\"]}}\n"), None);
    assert_eq!(collect(b""), None);
    assert_eq!(collect(b"{\"header\":{\"row\":1,\"na"), None);
}

#[tokio::test]
async fn a_child_that_dies_is_a_refusal_of_the_file_not_a_fault_of_ours() {
    let reader = TableReader { exe: Some("/bin/false".into()) };
    let problem = reader.read(b"a,b".to_vec(), TableKind::without_header()).await.unwrap_err();
    assert_eq!((problem.status(), problem.code()), (422, "import.too_slow"));
    let reader = TableReader { exe: Some("/nonexistent".into()) };
    assert_eq!(reader.read(b"a,b".to_vec(), TableKind::without_header()).await.unwrap_err().status(), 503);
}
