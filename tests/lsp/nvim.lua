-- Drives the language server from Neovim: nvim --headless -u NONE -l is newer than the oldest that is supported, so
-- this runs by `-c luafile`. What it found goes to the file named by MEMDSL_RESULT, as JSON.
local spec, result = vim.env.MEMDSL_SPEC, vim.env.MEMDSL_RESULT
local found = {}

local function finish()
  local file = assert(io.open(result, "w"))
  file:write(vim.fn.json_encode(found))
  file:close()
  vim.cmd("qall!")
end

local function work()
  local analysed = 0
  local id = vim.lsp.start_client({
    name = "memdsl",
    cmd = vim.fn.json_decode(vim.env.MEMDSL_COMMAND),
    root_dir = vim.fn.fnamemodify(spec, ":h"),
    handlers = {
      ["memdsl/analysed"] = function()
        analysed = analysed + 1
      end,
    },
  })
  vim.cmd("edit " .. vim.fn.fnameescape(spec))
  local buffer = vim.api.nvim_get_current_buf()
  vim.lsp.buf_attach_client(buffer, id)

  local function settle(times)
    return vim.wait(30000, function()
      return analysed >= times
    end, 10)
  end
  local function at(needle, inside)
    for number, line in ipairs(vim.api.nvim_buf_get_lines(buffer, 0, -1, false)) do
      local column = line:find(needle, 1, true)
      if column then
        vim.api.nvim_win_set_cursor(0, { number, column - 1 + inside })
        return vim.lsp.util.make_position_params(0, vim.lsp.get_client_by_id(id).offset_encoding)
      end
    end
    error("there is no " .. needle)
  end
  local function ask(method, params)
    local answers = vim.lsp.buf_request_sync(buffer, method, params, 30000)
    for _, answer in pairs(answers or {}) do
      return answer.result or answer.error
    end
  end

  found.settled = settle(1)
  found.errors = #vim.diagnostic.get(buffer)
  found.hover = ask("textDocument/hover", at("sram = sram", 8)).contents.value
  local definition = ask("textDocument/definition", at("edge(", 1))
  found.definition = vim.fn.fnamemodify(vim.uri_to_fname(definition[1].uri), ":t")
  found.range = definition[1].range
  local rename = vim.tbl_extend("force", at("param sram", 7), { newName = "cache" })
  vim.lsp.util.apply_workspace_edit(ask("textDocument/rename", rename), "utf-16")
  found.renamed = table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), "\n")
  settle(2)
  found.errors_after_rename = #vim.diagnostic.get(buffer)

  local last = vim.api.nvim_buf_line_count(buffer)
  vim.api.nvim_buf_set_lines(buffer, last, last, false, { "🧠 = 1", "share   = cache / today." })
  local params = at("today.", 6)
  params.position.character = #"share   = cache / today."
  params.position.line = last + 1
  local items = ask("textDocument/completion", params)
  found.completed = {}
  for _, item in ipairs(items.items or items) do
    table.insert(found.completed, item.label)
  end
  vim.wait(30000, function()
    return #vim.diagnostic.get(buffer) > 0
  end, 10)
  found.places = {}
  for _, diagnostic in ipairs(vim.diagnostic.get(buffer)) do
    table.insert(found.places, { diagnostic.lnum - last, diagnostic.col, diagnostic.message })
  end
  vim.api.nvim_buf_set_lines(buffer, last, -1, false, { "share   = cache / today.dram_bytes" })
  settle(3)
  local edits = ask("textDocument/formatting", {
    textDocument = vim.lsp.util.make_text_document_params(buffer),
    options = { tabSize = 2, insertSpaces = true },
  })
  vim.lsp.util.apply_text_edits(edits, buffer, "utf-16")
  found.formatted = table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), "\n")
end

local fine, fault = xpcall(work, debug.traceback)
if not fine then
  found.fault = fault
end
finish()
