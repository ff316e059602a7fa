/** What `config.json` has to say so that programs for transformers.js need no change. */

/**
 * A configuration of a model for transformers.js whose ONNX file is a stub. Without it `pipeline(task, model)` asks for a
 * device that a runtime in `globalThis` cannot register, and in browsers for the file of quantised weights.
 * @param config what is in `config.json`
 * @returns the same with `transformers.js_config`: any device, single precision, no external data
 * @example publicConfig(JSON.parse(text))['transformers.js_config']; // { device: 'auto', dtype: 'fp32' }
 */
export function publicConfig(config: object): Record<string, unknown> {
  const given = (config as Record<string, unknown>)['transformers.js_config'];
  const {
    use_external_data_format: _files,
    device_config: _devices,
    kv_cache_dtype: _cache,
    ...kept
  } = (typeof given === 'object' ? (given ?? {}) : {}) as Record<string, unknown>;
  return { ...config, 'transformers.js_config': { ...kept, device: 'auto', dtype: 'fp32' } };
}
