//! The plugin host (插件宿主): packages loaded and ready to be called. It knows no database and no tenant.
use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::Value;
use wasmtime::{
    Engine,
    component::{Component, Linker, types::ComponentItem},
};

use crate::{
    PluginError, Refusal,
    artefact::{Artefacts, Cached},
    bindings::{AllocationPre, ThresholdPre},
    call::Guest,
    compile::Compiler,
    engine::{Place, engine, start_clock},
    manifest::{World, shown},
    package::Package,
    schema::Params,
};

/// The one thing that a rule may import: types, no function.
const TYPES: &str = "linli:rules/types@1.0.0";
const MAX_LOADED: usize = 512;

/// Bytes of a `.linli-plugin` file.
#[derive(Clone)]
pub struct PackageBytes(pub Arc<[u8]>);

impl PackageBytes {
    pub fn open(path: &Path) -> std::io::Result<PackageBytes> {
        Ok(PackageBytes(std::fs::read(path)?.into()))
    }
}

pub struct Host {
    engine: Engine,
    compiler: Compiler,
    artefacts: Artefacts,
    loaded: Mutex<Shelf>,
}

/// Loaded packages, the longest unused one goes first.
#[derive(Default)]
struct Shelf {
    packages: HashMap<String, (Arc<Loaded>, u64)>,
    turn: u64,
}

/// A package ready to be called: checked, compiled, linked. Cheap to share, safe to call from many threads.
pub struct Loaded {
    pub package: Package,
    pub(crate) pre: Pre,
    engine: Engine,
}

pub(crate) enum Pre {
    Allocation(AllocationPre<Guest>),
    Threshold(ThresholdPre<Guest>),
}

impl Host {
    /// A host whose compiled code lies in `dir`, sealed under `key`; compilation runs in a child of this program.
    pub fn new(key: [u8; 32], dir: &Path) -> Result<Host, HostError> {
        Host::with_compiler(key, dir, Compiler::this_program()?)
    }

    pub fn with_compiler(key: [u8; 32], dir: &Path, compiler: Compiler) -> Result<Host, HostError> {
        let engine = engine(Place::Server).map_err(|e| HostError::Engine(format!("{e:#}")))?;
        start_clock(&engine)?;
        let artefacts = Artefacts::open(dir, key, &engine)?;
        Ok(Host { engine, compiler, artefacts, loaded: Mutex::default() })
    }

    /// Reads, compiles (or takes from the cache) and links a package. Whom to trust and the golden tests are
    /// [`verify`](crate::verify)'s matter, once at upload.
    pub fn load(&self, bytes: &PackageBytes) -> Result<Arc<Loaded>, Refusal> {
        self.load_package(Package::read(&bytes.0)?)
    }

    /// A package that was loaded before and is still here.
    pub fn loaded(&self, digest: &str) -> Option<Arc<Loaded>> {
        let mut shelf = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        shelf.turn += 1;
        let turn = shelf.turn;
        shelf.packages.get_mut(digest).map(|(loaded, used)| {
            *used = turn;
            loaded.clone()
        })
    }

    pub(crate) fn load_package(&self, package: Package) -> Result<Arc<Loaded>, Refusal> {
        if let Some(loaded) = self.loaded(&package.digest) {
            return Ok(loaded);
        }
        let component = self.component(&package)?;
        exports(&self.engine, &component, package.world)?;
        let pre = link(&self.engine, &component, package.world).map_err(|_| shape(&package))?;
        let loaded = Arc::new(Loaded { package, pre, engine: self.engine.clone() });
        loaded.instantiate()?;
        let mut shelf = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        shelf.turn += 1;
        let turn = shelf.turn;
        if shelf.packages.len() >= MAX_LOADED {
            let oldest = shelf.packages.iter().min_by_key(|(_, (_, used))| *used).map(|(digest, _)| digest.clone());
            oldest.and_then(|digest| shelf.packages.remove(&digest));
        }
        shelf.packages.insert(loaded.package.digest.clone(), (loaded.clone(), turn));
        Ok(loaded)
    }

    fn component(&self, package: &Package) -> Result<Component, PluginError> {
        match self.artefacts.load(&self.engine, &package.component_digest) {
            Cached::Ready(component) => return Ok(component),
            Cached::Absent | Cached::Stale => {}
            Cached::Tampered => {
                let error = PluginError::ArtefactBad;
                tracing::error!(code = error.code(), component = %package.component_digest, plugin = %package.manifest.id, "{}", error.en());
                self.artefacts.remove(&package.component_digest);
            }
        }
        let code = self.compiler.compile(&package.component, &package.manifest.build.language)?;
        self.artefacts
            .store(&self.engine, &package.component_digest, &code)
            .map_err(|e| PluginError::CompileFailed { reason: shown(&format!("{e:#}")) })
    }
}

/// Stage 6: no import but the types, and the world's interface exported.
fn exports(engine: &Engine, component: &Component, world: World) -> Result<(), Refusal> {
    let ty = component.component_type();
    let mut errors = Vec::new();
    for (name, import) in ty.imports(engine) {
        let types_only = match &import.ty {
            ComponentItem::ComponentInstance(instance) => {
                name == TYPES && instance.exports(engine).all(|(_, export)| matches!(export.ty, ComponentItem::Type(_)))
            }
            _ => false,
        };
        if !types_only {
            errors.push(PluginError::ImportRefused { import: shown(name) });
        }
    }
    if errors.is_empty() && ty.get_export(engine, world.export()).is_none() {
        errors.push(PluginError::WorldMissing { world: world.export().into() });
    }
    Refusal::unless_empty(errors)
}

fn link(engine: &Engine, component: &Component, world: World) -> wasmtime::Result<Pre> {
    let pre = Linker::new(engine).instantiate_pre(component)?;
    Ok(match world {
        World::Allocation => Pre::Allocation(AllocationPre::new(pre)?),
        World::Threshold => Pre::Threshold(ThresholdPre::new(pre)?),
    })
}

fn shape(package: &Package) -> PluginError {
    PluginError::WorldShape { world: package.world.export().into(), version: crate::manifest::RULES_VERSION.into() }
}

impl Loaded {
    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// A record of another shape only shows here, not when linking.
    fn instantiate(&self) -> Result<(), PluginError> {
        let tried = self.enter(|store| match &self.pre {
            Pre::Allocation(pre) => pre.instantiate(&mut *store).map(drop),
            Pre::Threshold(pre) => pre.instantiate(&mut *store).map(drop),
        });
        match tried {
            Ok(_) => Ok(()),
            Err(PluginError::ResultDomain { .. }) => Err(shape(&self.package)),
            Err(error) => Err(error),
        }
    }

    /// Parameters checked against the package's schema, defaults filled in.
    pub fn params(&self, given: &Value) -> Result<Params, Refusal> {
        self.package.schema.complete(given).map_err(Refusal)
    }
}

/// The host itself cannot start.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    #[error("the folder of compiled plugins: {0}")]
    Folder(#[from] std::io::Error),
    #[error("the WASM engine: {0}")]
    Engine(String),
}

#[cfg(test)]
mod tests;
