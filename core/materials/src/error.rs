//! Why a paper is not taken or not given.

/// Checked in this order: the first that applies is the answer.
#[derive(Debug, linli_macros::Problem)]
pub enum DocumentError {
    #[problem(422, "document.multipart", zh = "上传内容不完整：{why}", en = "The upload is not whole: {why}")]
    Multipart { why: String },
    #[problem(413, "document.too_large", zh = "文件超过8MB，请压缩或拆分后再上传", en = "The file is above 8 MiB; compress or split it")]
    TooLarge {},
    #[problem(
        415,
        "document.type_not_allowed",
        zh = "不接受这种文件（{given}）；可上传 PDF、PNG、JPG、XLSX、CSV、TXT、XML、ZIP",
        en = "Files of type {given} are not taken; PDF, PNG, JPG, XLSX, CSV, TXT, XML and ZIP are"
    )]
    TypeNotAllowed { given: String },
    #[problem(
        422,
        "document.type_mismatch",
        zh = "文件内容与类型不符：标明为{given}，内容不是",
        en = "The file says that it is {given}, but its content is not"
    )]
    TypeMismatch { given: String },
    #[problem(409, "document.not_clean", zh = "文件未通过安全检查，不能使用", en = "The file did not pass its check and cannot be used")]
    NotClean {},
}
