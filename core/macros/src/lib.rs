//! The two derives of the project: `Problem` (an error enum that is an HTTP problem) and `Scoped` (a table's scope columns).
use proc_macro::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Fields, LitInt, LitStr, parse_macro_input};

/// Turns an error enum into `Display`, `Error` and `Into<linli_kernel::Problem>`, and lists its codes in `Self::CODES`.
///
/// Each variant says `#[problem(409, "fund.use.not_allowed", zh = "…{field}…", en = "…{field}…")]`, where `{field}` is a
/// named field of the variant; a one-field variant may say `#[problem(transparent)]` when its content already is a problem.
#[proc_macro_derive(Problem, attributes(problem))]
pub fn derive_problem(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    match problem(&input) {
        Ok(tokens) => tokens.into(),
        Err(error) => error.to_compile_error().into(),
    }
}

fn problem(input: &DeriveInput) -> syn::Result<proc_macro2::TokenStream> {
    let name = &input.ident;
    let Data::Enum(data) = &input.data else {
        return Err(syn::Error::new_spanned(input, "Problem is derived for enums"));
    };
    let (mut into, mut shown, mut codes) = (Vec::new(), Vec::new(), Vec::new());
    for variant in &data.variants {
        let ident = &variant.ident;
        let attr = variant
            .attrs
            .iter()
            .find(|a| a.path().is_ident("problem"))
            .ok_or_else(|| syn::Error::new_spanned(variant, "every variant says #[problem(status, code, zh, en)]"))?;
        let text = attr.parse_args_with(parse_problem)?;
        let Some((status, code, zh, en)) = text else {
            into.push(quote!(#name::#ident(inner) => inner.into()));
            shown.push(quote!(#name::#ident(inner) => ::core::fmt::Display::fmt(inner, f)));
            continue;
        };
        let pattern = match &variant.fields {
            Fields::Named(fields) => {
                let idents = fields.named.iter().map(|f| &f.ident);
                quote!({ #(#idents),* })
            }
            Fields::Unit => quote!(),
            Fields::Unnamed(_) => return Err(syn::Error::new_spanned(variant, "name the fields, the texts refer to them")),
        };
        into.push(quote!(#[allow(unused_variables)] #name::#ident #pattern => ::linli_kernel::Problem::new(#status, #code, format!(#zh), format!(#en))));
        shown.push(quote!(#[allow(unused_variables)] #name::#ident #pattern => write!(f, #en)));
        codes.push(quote!(::linli_kernel::ProblemCode { status: #status, code: #code }));
    }
    Ok(quote! {
        impl #name {
            /// Every code of this enum, for the list in the API document.
            pub const CODES: &'static [::linli_kernel::ProblemCode] = &[#(#codes),*];
        }
        impl From<#name> for ::linli_kernel::Problem {
            fn from(error: #name) -> Self { match error { #(#into),* } }
        }
        impl ::core::fmt::Display for #name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result { match self { #(#shown),* } }
        }
        impl ::core::error::Error for #name {}
    })
}

type Text = Option<(LitInt, LitStr, LitStr, LitStr)>;

fn parse_problem(input: syn::parse::ParseStream<'_>) -> syn::Result<Text> {
    if input.peek(syn::Ident) {
        let word: syn::Ident = input.parse()?;
        return if word == "transparent" { Ok(None) } else { Err(syn::Error::new_spanned(word, "transparent, or a status")) };
    }
    let status: LitInt = input.parse()?;
    input.parse::<syn::Token![,]>()?;
    let code: LitStr = input.parse()?;
    let (mut zh, mut en) = (None, None);
    while input.parse::<Option<syn::Token![,]>>()?.is_some() && !input.is_empty() {
        let key: syn::Ident = input.parse()?;
        input.parse::<syn::Token![=]>()?;
        let value: LitStr = input.parse()?;
        match key.to_string().as_str() {
            "zh" => zh = Some(value),
            "en" => en = Some(value),
            _ => return Err(syn::Error::new_spanned(key, "zh or en")),
        }
    }
    match (zh, en) {
        (Some(zh), Some(en)) => Ok(Some((status, code, zh, en))),
        _ => Err(input.error("both zh and en are needed")),
    }
}

/// Declares on a SeaORM `Model` which of the six scope columns its table carries (vocabulary §4).
///
/// `#[scoped(area_path, project_id, house_id = "id", owners_read)]`: a word names a column of the same name, `= "column"`
/// another one; `owners_read` lets the owners of a project read its rows; `shared` needs a reason: `shared = "the same for all"`.
#[proc_macro_derive(Scoped, attributes(scoped))]
pub fn derive_scoped(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    match scoped(&input) {
        Ok(tokens) => tokens.into(),
        Err(error) => error.to_compile_error().into(),
    }
}

fn scoped(input: &DeriveInput) -> syn::Result<proc_macro2::TokenStream> {
    let attr = input
        .attrs
        .iter()
        .find(|a| a.path().is_ident("scoped"))
        .ok_or_else(|| syn::Error::new_spanned(input, "#[scoped(…)] says which scope columns the table has"))?;
    let mut set = Vec::new();
    attr.parse_nested_meta(|meta| {
        let word = meta.path.get_ident().ok_or_else(|| meta.error("a column"))?.clone();
        let given: Option<LitStr> = if meta.input.peek(syn::Token![=]) { Some(meta.value()?.parse()?) } else { None };
        match word.to_string().as_str() {
            "area_path" | "company_id" | "project_id" | "house_id" | "person_id" | "matter" => {
                let column = given.map_or_else(|| word.to_string(), |g| g.value());
                set.push(quote!(#word: Some(#column)));
            }
            "owners_read" => set.push(quote!(owners_read: true)),
            "shared" => {
                let reason = given.ok_or_else(|| meta.error("shared = \"why every actor of the tenant may read it\""))?;
                set.push(quote!(shared: Some(#reason)));
            }
            _ => return Err(meta.error("area_path, company_id, project_id, house_id, person_id, matter, owners_read or shared")),
        }
        Ok(())
    })?;
    Ok(quote! {
        impl ::linli_tenants::Scoped for Entity {
            const COLUMNS: ::linli_tenants::ScopeColumns = ::linli_tenants::ScopeColumns { #(#set,)* ..::linli_tenants::ScopeColumns::NONE };
        }
    })
}
