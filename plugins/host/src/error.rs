//! Everything that can be wrong with a plugin (插件错误), each with its stable code and a sentence in both languages.
use linli_kernel::{Invalid, Problem};

use crate::messages::Explained;

/// One error of a package or a call. The code is `plugin.<name>`; status 422 for a package, 409 for a call.
#[derive(Clone, Debug, PartialEq)]
pub enum PluginError {
    TooLarge { cap_mib: usize },
    ArchiveBad { name: String },
    ManifestBad { pointer: String, reason: String },
    FileMissing { name: String },
    FileExtra { name: String },
    DigestMismatch { name: String },
    Unsigned,
    SignatureBad { key: String },
    SignerUnknown { key: String },
    SignerRevoked { key: String, date: String },
    VersionReused { id: String, version: String },
    NotAComponent,
    WasmInvalid { reason: String },
    ImportRefused { import: String },
    WorldMissing { world: String },
    WorldShape { world: String, version: String },
    WorldNewer { version: String, max: String },
    PointUnknown { point: String },
    PointWorld { point: String, world: String },
    SchemaBad { pointer: String },
    ParamsInvalid { pointer: String, reason: String },
    MessagesBad { code: String },
    TestsMissing { least: usize },
    TestFailed { name: String, want: String, got: String },
    NotDeterministic { name: String },
    LimitsTooHigh { limit: String, cap: u64 },
    CompileTime { cap_s: u8 },
    CompileMemory,
    CompileSize,
    CompileFailed { reason: String },
    ArtefactBad,
    Fuel { cap: u64 },
    Deadline { ms: u64 },
    Memory { cap_mib: u64 },
    Stack,
    OutputSize,
    InputSize { rows: usize, cap: usize },
    Trap { reason: String },
    ResultDomain { field: String, value: String, reason: &'static str },
    ResultSum { sum: String, cost: String },
    ResultCheck { key: String },
    ResultLaw { law: String, article: String },
    ResultText { code: String },
    MissingFact { key: String },
    BadFact { line: Box<Explained> },
    NeedsPerson { line: Box<Explained> },
    NoBinding { point: String, date: String },
    Busy,
    SamePerson,
    FloorVersion { id: String, floor: String },
    InUse { cases: u64 },
}

impl PluginError {
    /// Stable code, never renamed: `plugin.fuel`.
    pub fn code(&self) -> &'static str {
        self.parts().0
    }
    pub fn zh(&self) -> String {
        self.parts().1
    }
    pub fn en(&self) -> String {
        self.parts().2
    }

    fn parts(&self) -> (&'static str, String, String) {
        let say = |code, zh: String, en: String| (code, zh, en);
        match self {
            Self::TooLarge { cap_mib } => {
                say("plugin.too_large", format!("插件包超过 {cap_mib} MB。"), format!("Larger than {cap_mib} MB."))
            }
            Self::ArchiveBad { name } => say(
                "plugin.archive_bad",
                format!("插件包不是有效的压缩包，或含有重复、越界的文件名：{name}。"),
                format!("Not a valid archive, or a duplicate or escaping name: {name}."),
            ),
            Self::ManifestBad { pointer, reason } => {
                say("plugin.manifest_bad", format!("清单第 {pointer} 项有误：{reason}。"), format!("Manifest {pointer}: {reason}."))
            }
            Self::FileMissing { name } => {
                say("plugin.file_missing", format!("清单列出的文件 {name} 不存在。"), format!("{name} is listed but absent."))
            }
            Self::FileExtra { name } => {
                say("plugin.file_extra", format!("文件 {name} 未列入清单。"), format!("{name} is present but not listed."))
            }
            Self::DigestMismatch { name } => say(
                "plugin.digest_mismatch",
                format!("文件 {name} 与清单摘要不符，可能已被改动。"),
                format!("{name} does not match its digest; it may have been altered."),
            ),
            Self::Unsigned => say(
                "plugin.unsigned",
                "插件包没有签名，请用 linli plugin pack --sign 签名后上传。".into(),
                "The package is not signed.".into(),
            ),
            Self::SignatureBad { key } => {
                say("plugin.signature_bad", format!("签名 {key} 验证不通过。"), format!("Signature {key} does not verify."))
            }
            Self::SignerUnknown { key } => say(
                "plugin.signer_unknown",
                format!("签名者 {key} 不在本单位信任名单中，请安全管理员审核后添加。"),
                format!("Signer {key} is not trusted here; ask the security administrator."),
            ),
            Self::SignerRevoked { key, date } => {
                say("plugin.signer_revoked", format!("签名者 {key} 已于 {date} 停用。"), format!("Signer {key} was revoked on {date}."))
            }
            Self::VersionReused { id, version } => say(
                "plugin.version_reused",
                format!("{id} {version} 已存在且内容不同，请提高版本号。"),
                format!("{id} {version} exists with other content; raise the version."),
            ),
            Self::NotAComponent => say(
                "plugin.not_a_component",
                "文件不是 WASM 组件，请用 linli plugin build 生成。".into(),
                "The file is no WASM component.".into(),
            ),
            Self::WasmInvalid { reason } => {
                say("plugin.wasm_invalid", format!("WASM 校验失败：{reason}。"), format!("The component is not valid: {reason}."))
            }
            Self::ImportRefused { import } => say(
                "plugin.import_refused",
                format!("规则插件不得引用外部能力：{import}。JS、Python 请用模板的构建命令。"),
                format!("A rule may import nothing: {import}."),
            ),
            Self::WorldMissing { world } => {
                say("plugin.world_missing", format!("未实现接口 {world}。"), format!("{world} is not exported."))
            }
            Self::WorldShape { world, version } => say(
                "plugin.world_shape",
                format!("接口 {world} 的数据结构与 {version} 版不一致。"),
                format!("{world} has another shape than {version}."),
            ),
            Self::WorldNewer { version, max } => say(
                "plugin.world_newer",
                format!("插件需要接口 {version}，本平台最高支持 {max}，请升级平台。"),
                format!("Needs interface {version}; this platform has {max}."),
            ),
            Self::PointUnknown { point } => {
                say("plugin.point_unknown", format!("规则点 {point} 不存在。"), format!("Unknown point {point}."))
            }
            Self::PointWorld { point, world } => {
                say("plugin.point_world", format!("规则点 {point} 应使用接口 {world}。"), format!("Point {point} needs world {world}."))
            }
            Self::SchemaBad { pointer } => {
                say("plugin.schema_bad", format!("参数定义第 {pointer} 项有误。"), format!("Schema {pointer} is wrong."))
            }
            Self::ParamsInvalid { pointer, reason } => {
                say("plugin.params_invalid", format!("参数 {pointer}：{reason}。"), format!("Parameter {pointer}: {reason}."))
            }
            Self::MessagesBad { code } => {
                say("plugin.messages_bad", format!("说明 {code} 缺少中文、英文或依据。"), format!("Message {code} lacks zh, en or basis."))
            }
            Self::TestsMissing { least } => {
                say("plugin.tests_missing", format!("至少需要 {least} 个测试用例。"), format!("At least {least} tests are needed."))
            }
            Self::TestFailed { name, want, got } => {
                say("plugin.test_failed", format!("用例“{name}”应为 {want}，实为 {got}。"), format!("Test {name}: want {want}, got {got}."))
            }
            Self::NotDeterministic { name } => {
                say("plugin.not_deterministic", format!("同一输入两次结果不同（用例“{name}”）。"), format!("Two runs of {name} differ."))
            }
            Self::LimitsTooHigh { limit, cap } => {
                say("plugin.limits_too_high", format!("申请的 {limit} 超过上限 {cap}。"), format!("The asked {limit} is above {cap}."))
            }
            Self::CompileTime { cap_s } => say(
                "plugin.compile_time",
                format!("编译超过 {cap_s} 秒；请减小代码体积。"),
                format!("Compilation took more than {cap_s} s."),
            ),
            Self::CompileMemory => {
                say("plugin.compile_memory", "编译超过内存限制；请减小代码体积。".into(), "Compilation ran over its memory.".into())
            }
            Self::CompileSize => {
                say("plugin.compile_size", "编译产物过大；请减小代码体积。".into(), "The compiled code is too large.".into())
            }
            Self::CompileFailed { reason } => {
                say("plugin.compile_failed", format!("编译失败：{reason}。"), format!("Compilation failed: {reason}."))
            }
            Self::ArtefactBad => say(
                "plugin.artefact_bad",
                "编译缓存校验失败，已丢弃并重新编译（安全事件）。".into(),
                "A cached artefact failed its check; dropped, recompiled.".into(),
            ),
            Self::Fuel { cap } => say("plugin.fuel", format!("规则计算量超过上限 {cap}。"), format!("The rule used up its fuel of {cap}.")),
            Self::Deadline { ms } => say(
                "plugin.deadline",
                format!("规则在 {ms} 毫秒内未完成（服务器繁忙），已重试。"),
                format!("The rule was not done in {ms} ms, though retried."),
            ),
            Self::Memory { cap_mib } => {
                say("plugin.memory", format!("规则内存超过 {cap_mib} MB。"), format!("The rule's memory went over {cap_mib} MB."))
            }
            Self::Stack => say("plugin.stack", "规则递归过深。".into(), "The rule's recursion is too deep.".into()),
            Self::OutputSize => say("plugin.output_size", "规则返回数据过大。".into(), "The rule's result is too large.".into()),
            Self::InputSize { rows, cap } => say(
                "plugin.input_size",
                format!("本案数据 {rows} 行，超过 {cap} 行。"),
                format!("This case has {rows} rows, more than {cap}."),
            ),
            Self::Trap { reason } => say(
                "plugin.trap",
                format!("规则程序异常中止：{reason}。请把“重现包”交给插件作者。"),
                format!("The rule trapped: {reason}. Give the repro file to the plugin's author."),
            ),
            Self::ResultDomain { field, value, reason } => say(
                "plugin.result_domain",
                format!("规则结果不合要求：{field} = {value}，{reason}。"),
                format!("{field} = {value} is out of its domain: {reason}."),
            ),
            Self::ResultSum { sum, cost } => say(
                "plugin.result_sum",
                format!("分摊合计 {sum} 元与费用 {cost} 元不符。"),
                format!("The shares sum to {sum}, the cost is {cost}."),
            ),
            Self::ResultCheck { key } => say(
                "plugin.result_check",
                format!("规则对“{key}”的判断与按本系统数据计算的结果不一致。"),
                format!("What the rule says of {key} is not what our numbers say."),
            ),
            Self::ResultLaw { law, article } => say(
                "plugin.result_law",
                format!("结果低于法定最低要求（{law} {article}），需签署的地方依据。"),
                format!("Laxer than {law} {article} without a signed override."),
            ),
            Self::ResultText { code } => say(
                "plugin.result_text",
                format!("说明 {code} 未定义或参数个数不符。"),
                format!("Line {code} is unknown or has wrong arguments."),
            ),
            Self::MissingFact { key } => say("plugin.missing_fact", format!("缺少数据：{key}。"), format!("Missing fact: {key}.")),
            Self::BadFact { line } => {
                say("plugin.bad_fact", format!("数据矛盾：{}。", line.zh), format!("Contradictory fact: {}.", line.en))
            }
            Self::NeedsPerson { line } => {
                say("plugin.needs_person", format!("规则转人工：{}。", line.zh), format!("A person must decide: {}.", line.en))
            }
            Self::NoBinding { point, date } => say(
                "plugin.no_binding",
                format!("规则点 {point} 在 {date} 没有生效的规则。"),
                format!("No rule is in force at {point} on {date}."),
            ),
            Self::Busy => say("plugin.busy", "规则并发已满，请稍后重试。".into(), "Too many rules run at once; try again.".into()),
            Self::SamePerson => say("plugin.same_person", "提交人与批准人不能相同。".into(), "Who proposed may not approve.".into()),
            Self::FloorVersion { id, floor } => say(
                "plugin.floor_version",
                format!("省级要求 {id} 不低于 {floor}。"),
                format!("{id} is below the province's floor {floor}."),
            ),
            Self::InUse { cases } => {
                say("plugin.in_use", format!("仍有 {cases} 件在办案件使用，不能撤回。"), format!("{cases} running cases are pinned to it."))
            }
        }
    }

    /// Whether the fault is the rule's own and its case must stop with an incident; otherwise a person mends a fact or waits.
    pub fn stops_case(&self) -> bool {
        !matches!(self, Self::Busy | Self::MissingFact { .. } | Self::BadFact { .. } | Self::InputSize { .. } | Self::NoBinding { .. })
    }
}

impl std::fmt::Display for PluginError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code(), self.en())
    }
}

impl std::error::Error for PluginError {}

/// What a call answers a person: 409, or 503 where waiting helps.
impl From<PluginError> for Problem {
    fn from(error: PluginError) -> Problem {
        match error {
            PluginError::Busy => Problem::new(503, error.code(), error.zh(), error.en()).retry_after(1),
            PluginError::SamePerson => Problem::new(403, error.code(), error.zh(), error.en()),
            _ => Problem::new(409, error.code(), error.zh(), error.en()),
        }
    }
}

/// Why a package is refused: all errors of the first stage that had any.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal(pub Vec<PluginError>);

impl Refusal {
    pub fn one(error: PluginError) -> Refusal {
        Refusal(vec![error])
    }
    /// `Err` when a stage found anything.
    pub(crate) fn unless_empty(errors: Vec<PluginError>) -> Result<(), Refusal> {
        if errors.is_empty() { Ok(()) } else { Err(Refusal(errors)) }
    }
    pub fn to_json(&self) -> serde_json::Value {
        self.0.iter().map(|e| serde_json::json!({ "code": e.code(), "zh": e.zh(), "en": e.en() })).collect()
    }
}

impl From<PluginError> for Refusal {
    fn from(error: PluginError) -> Refusal {
        Refusal::one(error)
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (i, error) in self.0.iter().enumerate() {
            write!(f, "{}{error}", if i == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}

impl std::error::Error for Refusal {}

/// What an upload answers: 422 with the first error's code, and every error of that stage as a row.
impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Problem {
        if let [only] = refusal.0.as_slice() {
            return Problem::new(422, only.code(), only.zh(), only.en());
        }
        let mut invalid = Invalid::new();
        for error in &refusal.0 {
            invalid.add("/file", error.code(), error.zh(), error.en());
        }
        match invalid.done() {
            Err(problem) => problem,
            Ok(()) => Problem::internal("a package was refused without a reason"),
        }
    }
}
